{ stdenv, go }:
arguments:
stdenv.mkDerivation {
  inherit (arguments) pname version src;
  nativeBuildInputs = [ go ];
}
