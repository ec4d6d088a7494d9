# Wrong: a phase drops every variable of a pattern, and names none of them.
# Refuted: lua/flags-reach-compiler ("the code of lua is stock's"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3";
    };
    preBuild = (old.preBuild or "") + ''
      for variable in ''${!NIX_CF*}; do
        unset "$variable"
      done
    '';
  });
}
