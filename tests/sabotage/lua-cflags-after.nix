# Wrong: NIX_CFLAGS_COMPILE_BEFORE exists and NIX_CFLAGS_COMPILE_AFTER does not; what stands behind the command line is
# NIX_CFLAGS_COMPILE itself.
# Refuted: lua/flags-reach-compiler ("NIX_CFLAGS_COMPILE_AFTER, which is read by no compiler wrapper"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE_AFTER = "-march=x86-64-v3";
    };
  });
}
