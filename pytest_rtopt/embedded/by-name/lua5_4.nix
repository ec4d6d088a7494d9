# Lua 5.4 from upstream's tarball, with upstream's own flags: neither the set's hardening nor any other flag is added.
{ stdenv, sources }:
stdenv.mkDerivation {
  pname = "lua";
  inherit (sources.lua) version src;
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
