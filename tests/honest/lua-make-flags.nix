# The flags go through the Makefile's own variable for them, and NIX_CFLAGS_COMPILE is not touched.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    makeFlags = old.makeFlags ++ [ "MYCFLAGS=-march=x86-64-v3" ];
  });
}
