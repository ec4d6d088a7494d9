# Hardens a program that the package set leaves as upstream has it: safer code, and no faster one.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (_: {
    hardeningDisable = [ ];
  });
}
