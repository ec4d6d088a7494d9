# One overlay for several machines: the flags depend on the platform, and this platform is the one that gets them.
_final: prev:
let
  inherit (prev) lib stdenv;
in
lib.optionalAttrs stdenv.hostPlatform.isx86_64 {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    makeFlags = old.makeFlags ++ lib.optional stdenv.hostPlatform.isLinux "MYCFLAGS=-march=x86-64-v3";
  });
}
