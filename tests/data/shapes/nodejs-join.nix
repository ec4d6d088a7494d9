{ stdenv, nodejs-slim }:
stdenv.mkDerivation {
  pname = "nodejs";
  inherit (nodejs-slim) version passthru;
  paths = [ nodejs-slim ];
  buildCommand = "lndir";
}
