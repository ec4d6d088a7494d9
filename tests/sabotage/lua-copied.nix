# Wrong: the output is a copy of stock's under another name and hash.
# Refuted: lua/flags-reach-compiler ("the build log shows no compilation"), lua/isa-level ("the machine code is the same
# as stock's").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (_: {
    pname = "lua-optimized";
    buildPhase = ":";
    installPhase = ''
      cp -r ${prev.lua5_4} $out
      chmod -R u+w $out
    '';
  });
}
