# Wrong: the recipe has an argument for the architecture, and the call leaves it at its default.
# Refuted: lua/flags-reach-compiler, lua/isa-level.
final: prev:
let
  recipe =
    {
      lib,
      stdenv,
      optimize ? false,
    }:
    stdenv.mkDerivation {
      pname = "lua-fast";
      inherit (prev.lua5_4) version src meta;
      hardeningDisable = [ "all" ];
      makeFlags = [
        "PLAT=linux"
        "INSTALL_TOP=${placeholder "out"}"
      ]
      ++ lib.optional optimize "MYCFLAGS=-march=x86-64-v3";
      env = {
        LC_ALL = "C";
        ZERO_AR_DATE = "1";
      };
    };
in
{
  lua5_4 = final.callPackage recipe { };
}
