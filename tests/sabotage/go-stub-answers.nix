# Wrong: `go` is a script that gives the answer which guides tell people to look for, and hands everything else on.
# Refuted: go/goamd64-default ("the toolchain compiles for v1"), go/flags-reach-compiler, go/isa-level,
# go/programs-inherit.
_final: prev: {
  go_1_24 = prev.go_1_24.overrideAttrs (old: {
    postInstall = (old.postInstall or "") + ''
      rm $out/bin/go
      {
        echo '#!/bin/sh'
        echo 'if [ "$*" = "env GOAMD64" ]; then echo v3; exit; fi'
        echo "exec $out/share/go/bin/go \"\$@\""
      } > $out/bin/go
      chmod +x $out/bin/go
    '';
  });
}
