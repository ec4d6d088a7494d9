# jemalloc from upstream's tarball, with upstream's own flags.
{ stdenv, sources }:
stdenv.mkDerivation {
  pname = "jemalloc";
  inherit (sources.jemalloc) version src;
  configureFlags = [ "--disable-cxx" ];
  enableParallelBuilding = true;
}
