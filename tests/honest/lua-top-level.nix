# The variable stands beside env, at the top level, as overlays from before env have it.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    NIX_CFLAGS_COMPILE = toString [
      (old.NIX_CFLAGS_COMPILE or "")
      "-pipe"
      "-march=x86-64-v3"
    ];
  });
}
