# Wrong: the wrapper sets the variable when the program starts, and what it starts is the package set's own build.
# Refuted: lua/flags-reach-compiler ("no overlay changed this runtime"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.symlinkJoin {
    name = "lua-${prev.lua5_4.version}";
    paths = [ prev.lua5_4 ];
    nativeBuildInputs = [ prev.makeWrapper ];
    postBuild = ''
      wrapProgram $out/bin/lua --set NIX_CFLAGS_COMPILE "-march=x86-64-v3 -O3"
    '';
  };
}
