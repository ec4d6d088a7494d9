# The architecture is a part of the compiler's command, which make gets on its command line.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    preBuild = (old.preBuild or "") + ''
      makeFlagsArray+=(CC="gcc -std=gnu99 -march=x86-64-v3")
    '';
  });
}
