# programs.rtopt for NixOS: the same where the overlays are the system's.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs.rtopt;
  shared = import ./options.nix { inherit config lib pkgs; };
in
{
  options.programs.rtopt = shared.options;

  config = lib.mkIf cfg.enable {
    nixpkgs.overlays = [ shared.overlay ];
    # NixOS has no DRY_RUN: a stray one must not let a bypass pass that nobody wrote down.
    system.preSwitchChecks.rtoptGate = shared.check "-n ''";
  };
}
