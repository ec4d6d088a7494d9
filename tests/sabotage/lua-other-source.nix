# Wrong: the flags arrive, and the program that is compiled with them is another one: a fork that lets calls nest deeper.
# Whatever is measured between the two is not what the flags gave.
# Refuted: lua/same-source ("these are two programs").
_final: prev:
let
  fork = prev.stdenv.mkDerivation {
    pname = "lua-fork";
    inherit (prev.lua5_4) version src;
    buildPhase = ''
      sed -i 's/#define LUAI_MAXCCALLS.*/#define LUAI_MAXCCALLS 20000/' src/llimits.h
    '';
    installPhase = "cp -r . $out";
  };
in
{
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    src = fork;
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3";
    };
  });
}
