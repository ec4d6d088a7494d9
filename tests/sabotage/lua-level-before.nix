# Wrong: -O3 stands in front of the Makefile's own flags, whose -O2 wins. The -Wl,-O3 behind it is the linker's.
# Refuted: lua/optimization-level ("-O3 wins in 0 of 34 compilations").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE_BEFORE = "-O3";
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3 -Wl,-O3";
    };
  });
}
