# A function that optimizes, mapped over the names of packages.
_final: prev:
let
  flags = [
    "-march=x86-64-v3"
    "-O3"
  ];
  optimize =
    package:
    package.overrideAttrs (old: {
      env = (old.env or { }) // {
        NIX_CFLAGS_COMPILE = toString (old.env.NIX_CFLAGS_COMPILE or "") + " ${toString flags}";
      };
    });
in
prev.lib.genAttrs [ "jemalloc" "lua5_4" ] (name: optimize prev.${name})
