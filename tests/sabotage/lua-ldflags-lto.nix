# Wrong: -flto stands in NIX_LDFLAGS, which goes to the linker; no compilation is asked for it.
# Refuted: lua/lto-used ("nothing in the program was generated at link time").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3 -O3";
      NIX_LDFLAGS = "-flto";
    };
  });
}
