# Wrong: CC in the environment gives way to the Makefile's own assignment of it.
# Refuted: lua/flags-reach-compiler, lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      CC = "gcc -march=x86-64-v3 -O3";
    };
  });
}
