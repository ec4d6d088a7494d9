# Wrong: the linker writes into the file that it needs x86-64-v3, and every function is the baseline's. Tools that look
# at the note believe it. https://github.com/Zorkats/G-Diffuser/issues/5
# Refuted: lua/flags-reach-compiler ("the exported flags name no architecture"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_LDFLAGS = "-z x86-64-v3";
    };
  });
}
