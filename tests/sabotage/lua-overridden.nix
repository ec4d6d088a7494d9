# Wrong: the flags of make's command line stand before those of NIX_CFLAGS_COMPILE, whose baseline -march wins.
# Refuted: lua/flags-reach-compiler ("the exported flags end with -march=x86-64"), and lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    makeFlags = (old.makeFlags or [ ]) ++ [ "MYCFLAGS=-march=x86-64-v3" ];
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64 -O2";
    };
  });
}
