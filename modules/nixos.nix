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
    system.preSwitchChecks.rtoptGate = shared.check;
  };
}
