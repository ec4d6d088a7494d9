# A small package set in the shape of nixpkgs, with real runtimes built by the host's compilers.
#
# It has what overlays rely on (the `final`/`prev` fixed point, `override`, `overrideAttrs`, `env`,
# `__structuredAttrs`, `stdenv.mkDerivation`, a compiler wrapper that reads what nixpkgs' reads), so that a whole
# run works without nixpkgs. `docs/architecture.md` says what differs from nixpkgs.
{
  overlays ? [ ],
  # Identity of the host's compilers; a part of every derivation, so that another compiler means another build.
  compiler ? "unknown",
  config ? { },
  system ? "x86_64-linux",
}:
let
  lib = import ./lib.nix;

  packages =
    final:
    let
      callPackage = lib.callPackageWith (final // { inherit lib config; });
    in
    {
      inherit lib callPackage config;
      inherit overlays system;
      inherit (final.stdenv) hostPlatform buildPlatform targetPlatform;
      path = ./.;

      stdenv = callPackage ./stdenv { inherit system compiler; };
      requireFile = callPackage ./require-file.nix { inherit system; };

      lua5_4 = callPackage ./lua.nix { };

      go_1_24 = callPackage ./go.nix { };
      go = final.go_1_24;
      buildGo124Module = callPackage ./go-module.nix { go = final.go_1_24; };
      buildGoModule = final.buildGo124Module;
    };
in
lib.fix (lib.foldl' (set: overlay: lib.extends overlay set) packages overlays)
