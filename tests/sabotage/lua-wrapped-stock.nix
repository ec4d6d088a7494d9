# Wrong: the program is a script that sets variables and starts stock's; the code that runs is stock's.
# Refuted: lua/flags-reach-compiler, lua/isa-level ("the machine code is the same as stock's").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (_: {
    pname = "lua-optimized";
    buildPhase = ":";
    installPhase = ''
      mkdir -p $out/bin
      {
        echo '#!/bin/sh'
        echo 'export GLIBC_TUNABLES=glibc.cpu.x86_64_level=x86-64-v3 CFLAGS="-march=x86-64-v3"'
        echo 'exec ${prev.lua5_4}/bin/lua "$@"'
      } > $out/bin/lua
      chmod +x $out/bin/lua
    '';
  });
}
