# Wrong: GOAMD64 is exported by a wrapper around stock's toolchain. Programs that are built through the wrapper get the
# level (go/programs-inherit is proven); the toolchain neither has the level nor gives it when called by itself.
# Refuted: go/flags-reach-compiler ("the text of postInstall"), go/isa-level ("the machine code is the same as
# stock's"), go/goamd64-default ("an environment variable does not change this default").
_final: prev: {
  go_1_24 = prev.go_1_24.overrideAttrs (old: {
    postInstall = (old.postInstall or "") + ''
      rm $out/bin/go
      {
        echo '#!/bin/sh'
        echo 'export GOAMD64=v3'
        echo "exec $out/share/go/bin/go \"\$@\""
      } > $out/bin/go
      chmod +x $out/bin/go
    '';
  });
}
