# Wrong: the program carries a record of switches that no compiler was called with.
# Refuted: lua/flags-reach-compiler ("0 of 34 compilations got -march=x86-64-v3"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    postFixup = (old.postFixup or "") + ''
      printf 'GNU C99 12.2.0 -march=x86-64-v3 -O3\0' > record
      objcopy --add-section .GCC.command.line=record $out/bin/lua
    '';
  });
}
