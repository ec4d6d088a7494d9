# Another standard environment, in the manner of nixpkgs' `withCFlags`: what is built with it gets the flags.
_final: prev:
let
  withCFlags =
    flags: stdenv:
    stdenv
    // {
      mkDerivation =
        attributes:
        (stdenv.mkDerivation attributes).overrideAttrs (old: {
          env = (old.env or { }) // {
            NIX_CFLAGS_COMPILE = toString ([ (old.env.NIX_CFLAGS_COMPILE or "") ] ++ flags);
          };
        });
    };
in
{
  lua5_4 = prev.lua5_4.override { stdenv = withCFlags [ "-march=x86-64-v3" ] prev.stdenv; };
}
