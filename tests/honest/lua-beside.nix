# A new attribute beside the package, which stays stock's for all that depend on it.
_final: prev: {
  lua5_4-optimized = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3 -O3";
    };
  });
}
