# Wrong: with __structuredAttrs a top-level attribute is a shell variable that no compiler sees. NIX_CFLAGS_COMPILE is
# the exception, since nixpkgs' setup hooks export it; this is its neighbour.
# Refuted: lua/flags-reach-compiler ("NIX_CFLAGS_COMPILE_BEFORE, which is not exported"), and lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (_: {
    __structuredAttrs = true;
    NIX_CFLAGS_COMPILE_BEFORE = "-march=x86-64-v3 -O3";
  });
}
