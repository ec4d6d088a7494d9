# The flags are right and arrive. Every name is stripped from what they made, and none is exported to modules either, so
# that no function can be compared.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    postPatch = (old.postPatch or "") + ''
      sed -i 's/-Wl,-E //' src/Makefile
    '';
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3 -O3";
    };
    postFixup = (old.postFixup or "") + ''
      strip --strip-all $out/bin/lua
    '';
  });
}
