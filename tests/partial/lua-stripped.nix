# The flags are right and arrive, and every name is stripped from what they made: functions cannot be compared.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3 -O3";
    };
    postFixup = (old.postFixup or "") + ''
      strip --strip-all $out/bin/lua
    '';
  });
}
