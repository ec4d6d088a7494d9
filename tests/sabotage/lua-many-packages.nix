# Wrong: names that the set does not have are passed over, and the name of Lua is misspelt.
# Refuted: lua/flags-reach-compiler ("no overlay changed this runtime"), lua/isa-level.
_final: prev:
let
  inherit (prev) lib;
  optimize =
    package:
    package.overrideAttrs (old: {
      env = (old.env or { }) // {
        NIX_CFLAGS_COMPILE = toString (old.env.NIX_CFLAGS_COMPILE or "") + " -march=x86-64-v3";
      };
    });
  present = lib.filter (name: prev ? ${name}) [ "lua54" ];
in
lib.genAttrs present (name: optimize prev.${name})
