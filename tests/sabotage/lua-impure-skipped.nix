# Wrong: the wrapper drops -march=native from the command line, with a warning that scrolls by.
# https://github.com/NixOS/nixpkgs/issues/18995, https://github.com/chaotic-cx/nyx/issues/1159
# Refuted: lua/flags-reach-compiler ("Skipping impure flag"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    makeFlags = (old.makeFlags or [ ]) ++ [ "MYCFLAGS=-march=native" ];
  });
}
