# Wrong: a plain platform names no architecture, so that the condition holds on no machine that has not set one.
# Refuted: lua/flags-reach-compiler ("no overlay changed this runtime"), lua/isa-level.
_final: prev:
prev.lib.optionalAttrs (prev.stdenv.hostPlatform ? gcc.arch) {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    makeFlags = old.makeFlags ++ [ "MYCFLAGS=-march=x86-64-v3" ];
  });
}
