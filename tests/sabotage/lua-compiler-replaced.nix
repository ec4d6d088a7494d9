# Wrong: make calls a program named gcc that leaves the architecture out, and shows it as given.
# Refuted: lua/flags-reach-compiler ("the code of lua is stock's"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    makeFlags = (old.makeFlags or [ ]) ++ [ "MYCFLAGS=-march=x86-64-v3" ];
    preBuild = (old.preBuild or "") + ''
      mkdir fake
      {
        echo '#!/bin/sh'
        echo 'for word do'
        echo '  shift'
        echo '  [ "$word" = -march=x86-64-v3 ] || set -- "$@" "$word"'
        echo 'done'
        echo "exec $(command -v gcc) \"\$@\""
      } > fake/gcc
      chmod +x fake/gcc
      export PATH="$PWD/fake:$PATH"
    '';
  });
}
