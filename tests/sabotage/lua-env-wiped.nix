# Wrong: `env = { … }` replaces what the package exports; the flags arrive, and the package's own variables are gone.
# Refuted: lua/env-kept ("lost LC_ALL, ZERO_AR_DATE").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (_: {
    env = {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3 -O3";
    };
  });
}
