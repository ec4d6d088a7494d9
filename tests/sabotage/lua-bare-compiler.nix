# Wrong: make is told to call the compiler by its own path, past the wrapper that adds the flags.
# Refuted: lua/flags-reach-compiler ("0 of 34 compilations got -march=x86-64-v3"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    makeFlags = (old.makeFlags or [ ]) ++ [ "CC=/usr/bin/gcc" ];
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3";
    };
  });
}
