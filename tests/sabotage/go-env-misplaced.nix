# Wrong: go.env is written where the program is, and read where the standard library is.
# Refuted: go/goamd64-default ("the toolchain itself compiles for v1"), go/flags-reach-compiler, go/isa-level,
# go/programs-inherit, go/cgo-march.
_final: prev: {
  go_1_24 = prev.go_1_24.overrideAttrs (old: {
    postInstall = (old.postInstall or "") + ''
      echo GOAMD64=v3 > $out/go.env
    '';
  });
}
