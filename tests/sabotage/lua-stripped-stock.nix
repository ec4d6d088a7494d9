# Wrong: the build is stock's, and everything that could tell is stripped: names, and what the compiler left of itself.
# Refuted: lua/isa-level ("the machine code is the same as stock's"), lua/flags-reach-compiler.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    pname = "lua-optimized";
    postFixup = (old.postFixup or "") + ''
      strip --strip-all --remove-section=.comment $out/bin/lua
    '';
  });
}
