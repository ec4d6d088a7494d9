# Package sets of a few derivations in the shapes that nixpkgs' runtimes have had: "nixpkgs-25.11" and before, and
# "nixpkgs-2026". Nothing of them is ever built; what an overlay can reach in them is what it can reach in nixpkgs.
{
  embedded,
  shape,
  overlays ? [ ],
  system ? "x86_64-linux",
  compiler ? "gcc (GCC) 14.2.0",
  # Packages that the set is to be without.
  without ? [ ],
}:
let
  lib = import (/. + embedded + "/lib.nix");
  stdenv = import (/. + embedded + "/stdenv") {
    inherit compiler lib;
    system = "x86_64-linux";
  };
  packages =
    final:
    {
      inherit lib;
      callPackage = lib.callPackageWith final;
      stdenv = stdenv // {
        hostPlatform = stdenv.hostPlatform // {
          inherit system;
        };
      };
      jemalloc = final.stdenv.mkDerivation {
        pname = "jemalloc";
        version = "5.3.0";
      };
      lld = final.stdenv.mkDerivation {
        pname = "lld";
        version = "21.1.2";
      };
      makeWrapper = final.stdenv.mkDerivation { name = "make-shell-wrapper-hook"; };
      zlib = final.stdenv.mkDerivation {
        pname = "zlib";
        version = "1.3.1";
      };
      makeRustPlatform = final.callPackage ./rust-platform.nix { };
      rust = final.rust_1_91;
      rustPackages = final.rust.packages.stable;
      inherit (final.rustPackages)
        rustc
        rustc-unwrapped
        cargo
        cargo-auditable
        rustfmt
        rustPlatform
        ;
    }
    // import (./. + "/${shape}.nix") final;
in
lib.fix (
  lib.foldl' (set: overlay: lib.extends overlay set) (
    final: removeAttrs (packages final) without
  ) overlays
)
