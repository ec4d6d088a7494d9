# Wrong: the C compiler's flags reach no Go code; the hash changes, and not one instruction.
# https://github.com/NixOS/nixpkgs/pull/256761
# Refuted: go/flags-reach-compiler ("does not export GOAMD64"), go/isa-level, go/goamd64-default, go/programs-inherit,
# go/cgo-march.
_final: prev: {
  go_1_24 = prev.go_1_24.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3";
    };
  });
}
