# What `nix flake check` looks at: the package, and that the overlays evaluate on its nixpkgs. It builds no runtime.
{
  pkgs,
  lib,
  package,
}:
let
  optimized = import pkgs.path {
    inherit (pkgs.stdenv.hostPlatform) system;
    overlays = lib.mkOverlays { profile = lib.mkProfile { from = "shoshin"; }; };
  };
  runtimes = import ../overlays/runtimes.nix;
  derivations = map (
    { attribute, ... }: builtins.unsafeDiscardStringContext optimized.${attribute}.drvPath
  ) (builtins.attrValues runtimes);
in
{
  inherit package;
  overlays = pkgs.writeText "rtopt-overlays" (builtins.concatStringsSep "\n" derivations);
}
