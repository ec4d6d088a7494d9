# Wrong: the optimized Lua has a name that nothing in the package set asks for; whoever takes `lua5_4` gets stock's.
# Refuted: lua/flags-reach-compiler and lua/isa-level ("no overlay changed this runtime").
_final: prev: {
  lua5_4_skylake = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=skylake";
    };
  });
}
