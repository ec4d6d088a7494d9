# Wrong: fat objects hold machine code beside what link-time optimization would need, and a link without it takes the
# machine code: no error, no optimization. https://github.com/NixOS/nixpkgs/pull/532479
# Refuted: lua/lto-used ("nothing in the program was generated at link time").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3 -flto -ffat-lto-objects";
      NIX_CFLAGS_LINK = "-fno-lto";
    };
  });
}
