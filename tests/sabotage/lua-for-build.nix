# Wrong: flags with _FOR_BUILD are for programs that run while building, not for what is installed.
# Refuted: lua/flags-reach-compiler ("is read only for code of another machine"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE_FOR_BUILD = "-march=x86-64-v3";
    };
  });
}
