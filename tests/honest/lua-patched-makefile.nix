# The package's own Makefile is changed, and no variable of the wrapper's is used.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    postPatch = (old.postPatch or "") + ''
      sed -i 's/^CFLAGS= -O2/CFLAGS= -O3 -march=x86-64-v3/' src/Makefile
    '';
  });
}
