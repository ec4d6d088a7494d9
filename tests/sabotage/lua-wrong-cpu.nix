# Wrong: bdver4 has instructions (TBM, XOP) that were in no CPU before and in none after it. A program with them dies of
# an illegal instruction at whatever moment it comes to one. https://github.com/PCRE2Project/pcre2/issues/399
# Refuted: lua/isa-runs-here ("the CPU does not have it").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=bdver4";
    };
  });
}
