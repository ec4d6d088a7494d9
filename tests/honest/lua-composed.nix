# Two overlays, each about one thing, the second on top of the first.
final: prev:
let
  withFlags = flags: _final: prev: {
    lua5_4 = prev.lua5_4.overrideAttrs (old: {
      env = (old.env or { }) // {
        NIX_CFLAGS_COMPILE = "${old.env.NIX_CFLAGS_COMPILE or ""} ${flags}";
      };
    });
  };
in
prev.lib.composeManyExtensions [
  (withFlags "-march=x86-64-v3")
  (withFlags "-O3")
] final prev
