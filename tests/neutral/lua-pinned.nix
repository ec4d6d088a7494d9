# Pins another version, here one with a line of its own in the source.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (_: {
    version = "5.4.7-pinned";
    src = prev.stdenv.mkDerivation {
      pname = "lua-source";
      version = "5.4.7-pinned";
      inherit (prev.lua5_4) src;
      dontConfigure = true;
      buildPhase = "echo '/* pinned */' >> src/lua.c";
      installPhase = "cp -r . $out";
    };
  });
}
