# Wrong: -flto goes to the Makefile, and the variable that comes behind it on every command line takes it back.
# Refuted: lua/lto-used ("nothing in the program was generated at link time").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    makeFlags = (old.makeFlags or [ ]) ++ [
      "MYCFLAGS=-flto"
      "MYLDFLAGS=-flto"
    ];
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3 -fno-lto";
    };
  });
}
