# The variable is exported by a hook, where no reader of the derivation sees its value.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    preConfigure = (old.preConfigure or "") + ''
      export NIX_CFLAGS_COMPILE="''${NIX_CFLAGS_COMPILE:-} -march=x86-64-v3 -O3"
    '';
  });
}
