# Wrong: with __structuredAttrs a top-level attribute is a shell variable that no compiler sees.
# Refuted: lua/flags-reach-compiler ("NIX_CFLAGS_COMPILE, which is not exported"), and lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (_: {
    __structuredAttrs = true;
    NIX_CFLAGS_COMPILE = "-march=x86-64-v3 -O3";
  });
}
