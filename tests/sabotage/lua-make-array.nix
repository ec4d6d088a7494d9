# Wrong: the array hands make a variable of the kernel's build files, which this Makefile does not read.
# Refuted: lua/flags-reach-compiler ("0 of 34 compilations got -march=x86-64-v3"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    preBuild = (old.preBuild or "") + ''
      makeFlagsArray+=(EXTRA_CFLAGS="-march=x86-64-v3 -O3")
    '';
  });
}
