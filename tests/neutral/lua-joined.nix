# A wrapper that is a derivation of its own, around the package set's program.
_final: prev: {
  lua5_4 = prev.symlinkJoin {
    name = "lua-${prev.lua5_4.version}";
    paths = [ prev.lua5_4 ];
    nativeBuildInputs = [ prev.makeWrapper ];
    postBuild = ''
      wrapProgram $out/bin/lua --set-default LUA_PATH "/srv/lua/?.lua;;"
    '';
  };
}
