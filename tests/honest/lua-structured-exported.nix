# A top-level variable under __structuredAttrs, which nixpkgs' setup hooks export although it is not in `env`: one of them
# appends -frandom-seed to it in every build.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (_: {
    __structuredAttrs = true;
    NIX_CFLAGS_COMPILE = "-march=x86-64-v3";
  });
}
