# Wrong: no wrapper reads NIX_CXXFLAGS_COMPILE, so the flags change a hash and nothing else.
# Refuted: lua/flags-reach-compiler ("NIX_CXXFLAGS_COMPILE, which is read by no compiler wrapper"), and lua/isa-level
# ("the machine code is the same as stock's").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    pname = "lua-skylake";
    env = (old.env or { }) // {
      NIX_CXXFLAGS_COMPILE = "-march=skylake -mtune=skylake -O3";
    };
  });
}
