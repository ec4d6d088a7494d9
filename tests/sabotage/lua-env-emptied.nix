# Wrong: the flags arrive, and a variable that the package exports is exported empty.
# Refuted: lua/env-kept ("lost LC_ALL").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      LC_ALL = "";
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3 -O3";
    };
  });
}
