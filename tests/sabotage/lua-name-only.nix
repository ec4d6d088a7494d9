# Wrong: the name says skylake and the build is stock's.
# Refuted: lua/flags-reach-compiler ("the exported flags name no architecture"), and lua/isa-level ("the machine code
# is the same as stock's, instruction for instruction").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    pname = "lua-skylake-optimized";
    meta = (old.meta or { }) // {
      description = "Lua, optimized for Skylake";
    };
  });
}
