# The optimized program is wrapped, and the wrapper is a derivation of its own.
_final: prev:
let
  optimized = prev.lua5_4.overrideAttrs (old: {
    makeFlags = old.makeFlags ++ [ "MYCFLAGS=-march=x86-64-v3" ];
  });
in
{
  lua5_4 = prev.symlinkJoin {
    name = "lua-${optimized.version}";
    paths = [ optimized ];
    nativeBuildInputs = [ prev.makeWrapper ];
    postBuild = ''
      wrapProgram $out/bin/lua --set-default LUA_PATH "/srv/lua/?.lua;;"
    '';
  };
}
