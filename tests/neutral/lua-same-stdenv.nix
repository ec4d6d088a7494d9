# Hands in the standard environment that the package has already, as an adapter without flags does.
_final: prev: {
  lua5_4 = prev.lua5_4.override { inherit (prev) stdenv; };
}
