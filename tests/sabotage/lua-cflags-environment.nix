# Wrong: Lua's Makefile assigns CFLAGS itself, and what a Makefile assigns wins over the environment.
# Refuted: lua/flags-reach-compiler ("CFLAGS, which is read by no compiler wrapper"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      CFLAGS = "-march=x86-64-v3";
    };
  });
}
