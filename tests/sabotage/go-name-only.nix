# Wrong: the name says skylake and the toolchain is the release's.
# Refuted: go/flags-reach-compiler ("does not export GOAMD64"), go/isa-level ("the machine code is the same as
# stock's"), go/goamd64-default, go/programs-inherit ("was compiled for v1"), and go/cgo-march.
_final: prev: {
  go_1_24 = prev.go_1_24.overrideAttrs (_: {
    pname = "go-skylake";
  });
}
