# Keeps what a debugger needs: names are not stripped, and the compiler writes debug information.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    dontStrip = true;
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = toString (old.env.NIX_CFLAGS_COMPILE or "") + " -ggdb";
    };
  });
}
