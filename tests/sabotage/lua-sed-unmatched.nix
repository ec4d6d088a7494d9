# Wrong: sed looks for a text that the Makefile does not have, changes nothing, and ends with success.
# Refuted: lua/flags-reach-compiler ("0 of 34 compilations got -march=x86-64-v3"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    postPatch = (old.postPatch or "") + ''
      sed -i 's/-O2 -g -Wall/-O3 -march=x86-64-v3 -Wall/' src/Makefile
    '';
  });
}
