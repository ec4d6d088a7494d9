# Wrong: Lua has no configure script, so that nothing ever reads configureFlags.
# Refuted: lua/flags-reach-compiler ("0 of 34 compilations got -march=x86-64-v3"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    configureFlags = (old.configureFlags or [ ]) ++ [ "CFLAGS=-march=x86-64-v3" ];
  });
}
