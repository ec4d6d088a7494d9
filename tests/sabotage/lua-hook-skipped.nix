# Wrong: the flags are exported by a hook of a phase that the package does not run.
# Refuted: lua/flags-reach-compiler ("0 of 34 compilations got -march=x86-64-v3"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    dontConfigure = true;
    preConfigure = (old.preConfigure or "") + ''
      export NIX_CFLAGS_COMPILE="''${NIX_CFLAGS_COMPILE:-} -march=x86-64-v3"
    '';
  });
}
