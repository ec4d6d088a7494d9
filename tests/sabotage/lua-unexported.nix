# Wrong: the hook assigns a variable of the shell and does not export it. It works for packages whose inputs have made
# the wrapper's setup hook export the variable already, and for no other.
# Refuted: lua/flags-reach-compiler ("0 of 34 compilations got -march=x86-64-v3"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    preBuild = (old.preBuild or "") + ''
      NIX_CFLAGS_COMPILE="''${NIX_CFLAGS_COMPILE:-} -march=x86-64-v3"
    '';
  });
}
