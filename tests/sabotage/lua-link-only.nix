# Wrong: NIX_CFLAGS_LINK is read when the compiler links, and every file is compiled before that.
# Refuted: lua/flags-reach-compiler, lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    NIX_CFLAGS_LINK = toString [
      (old.NIX_CFLAGS_LINK or "")
      "-march=x86-64-v3"
    ];
  });
}
