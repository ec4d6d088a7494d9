# Wrong: -march=native in NIX_CFLAGS_COMPILE gets past the wrapper's filter. The hash names no architecture, and what
# comes out depends on the machine that happened to build it.
# Refuted: lua/flags-reach-compiler ("-march=native: the machine that builds, which the hash does not cover").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=native -O3";
    };
  });
}
