# jemalloc from upstream's tarball, with upstream's own flags.
{ stdenv, requireFile }:
stdenv.mkDerivation {
  pname = "jemalloc";
  version = "5.3.0";
  src = requireFile {
    name = "jemalloc_5.3.0.orig.tar.bz2";
    sha256 = "2db82d1e7119df3e71b7640219b6dfe84789bc0537983c3b7ac4f7189aecfeaa";
  };
  configureFlags = [ "--disable-cxx" ];
  enableParallelBuilding = true;
}
