# programs.rtopt for home-manager, with flakes or without: imports = [ ./modules/home-manager.nix ];
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  cfg = config.programs.rtopt;
  shared = import ./options.nix { inherit config lib pkgs; };

  # With home-manager.useGlobalPkgs the packages are the system's, and home-manager refuses overlays.
  ownPackages = options ? nixpkgs && options.nixpkgs.overlays.visible or true;
in
{
  options.programs.rtopt = shared.options;

  config = lib.mkIf cfg.enable (
    {
      home.activation.rtoptGate = lib.hm.dag.entryBefore [
        "checkLinkTargets"
        "writeBoundary"
      ] (shared.check "-v DRY_RUN");

      warnings =
        lib.optional (!ownPackages)
          "programs.rtopt: with home-manager.useGlobalPkgs the overlays belong to the system; import nixosModules.default there.";
    }
    // lib.optionalAttrs ownPackages {
      nixpkgs.overlays = [ shared.overlay ];
    }
  );
}
