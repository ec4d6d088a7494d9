# Wrong: a second overlay sets the variable that the first one has set, and what it had is gone.
# Refuted: lua/flags-reach-compiler ("the exported flags name no architecture"), lua/isa-level.
final: prev:
let
  architecture = _final: prev: {
    lua5_4 = prev.lua5_4.overrideAttrs (old: {
      env = (old.env or { }) // {
        NIX_CFLAGS_COMPILE = "-march=x86-64-v3";
      };
    });
  };
  level = _final: prev: {
    lua5_4 = prev.lua5_4.overrideAttrs (old: {
      env = (old.env or { }) // {
        NIX_CFLAGS_COMPILE = "-O2";
      };
    });
  };
in
prev.lib.composeExtensions architecture level final prev
