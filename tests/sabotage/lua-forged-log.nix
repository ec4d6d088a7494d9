# Wrong: make is silent, and the log has one line of a compiler that was never called.
# Refuted: lua/flags-reach-compiler ("the code is stock's"), lua/isa-level ("the machine code is the same as stock's").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    makeFlags = (old.makeFlags or [ ]) ++ [ "--silent" ];
    preBuild = (old.preBuild or "") + ''
      echo "gcc -std=gnu99 -O3 -march=x86-64-v3 -c -o lvm.o lvm.c"
    '';
  });
}
