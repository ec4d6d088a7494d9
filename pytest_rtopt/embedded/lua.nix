# Lua 5.4 from upstream's tarball, with upstream's own flags: neither the set's hardening nor any other flag is added.
{ stdenv, requireFile }:
stdenv.mkDerivation {
  pname = "lua";
  version = "5.4.7";
  src = requireFile {
    name = "lua5.4_5.4.7.orig.tar.gz";
    sha256 = "9fbf5e28ef86c69858f6d3d34eccc32e911c1a28b4120ff3e84aaa70cfbf1e30";
  };
  hardeningDisable = [ "all" ];
  makeFlags = [
    "PLAT=linux"
    "INSTALL_TOP=${placeholder "out"}"
  ];
  env = {
    LC_ALL = "C";
    # `ar` writes no time stamps: two builds of one derivation are the same bytes.
    ZERO_AR_DATE = "1";
  };
  meta.mainProgram = "lua";
}
