# Words for the linker and the assembler, a flag that sed takes away, and one that a comment names: none of them asks
# for anything of the compiler. The architecture does.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    makeFlags = old.makeFlags ++ [
      "MYCFLAGS=-march=x86-64-v3"
      "MYLDFLAGS=-Wl,-O1"
    ];
    postPatch = (old.postPatch or "") + ''
      # CFLAGS had -O3 and -flto here once.
      sed -i 's/-flto//; s/-O3 //' src/Makefile
    '';
  });
}
