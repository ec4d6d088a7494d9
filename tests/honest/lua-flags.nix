# A plain overlay in nobody's particular style: one variable, three flags, no evidence left on purpose.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = toString [
        (old.env.NIX_CFLAGS_COMPILE or "")
        "-march=x86-64-v3"
        "-O3"
        "-flto"
      ];
    };
  });
}
