{
  description = "Generate, build, verify, benchmark and gate hardware-optimized language runtimes";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.${system};
      runtimes = import ./overlays/runtimes.nix;
      lib = import ./nix/lib.nix;

      # An overlay of a flake takes no profile: it is read off the configuration of the packages.
      profileOf = prev: prev.config.rtopt.profile or (import ./profiles/laptop-generic.nix);
      overlayOf =
        { overlay, ... }:
        final: prev: import overlay (profileOf prev) final prev;
    in
    {
      inherit lib;

      overlays = builtins.mapAttrs (_: overlayOf) runtimes // {
        default =
          final: prev:
          import ./overlays {
            profile = profileOf prev;
            ledger = prev.config.rtopt.ledger or null;
          } final prev;
      };

      homeManagerModules = {
        default = ./modules/home-manager.nix;
        rtopt = ./modules/home-manager.nix;
      };
      nixosModules = {
        default = ./modules/nixos.nix;
        rtopt = ./modules/nixos.nix;
      };

      packages.${system} = {
        # A Python whose `pytest` has the plugin, with `rtopt-gate`. This is what `programs.rtopt.package` takes.
        default = pkgs.python3.withPackages (_: [ self.packages.${system}.pytest-rtopt ]);
        pytest-rtopt = pkgs.python3Packages.callPackage ./nix/package.nix { };
      };

      checks.${system} = import ./nix/checks.nix {
        inherit pkgs lib;
        package = self.packages.${system}.pytest-rtopt;
      };

      devShells.${system}.default = pkgs.mkShell {
        packages = [
          (pkgs.python3.withPackages (_: self.packages.${system}.pytest-rtopt.dependencies))
          pkgs.deadnix
          pkgs.nixfmt
          pkgs.ruff
          pkgs.shellcheck
          pkgs.uv
        ];
      };

      templates.default = {
        path = ./templates/home-manager;
        description = "A home-manager repository with a hardware profile, the gate before each switch, and CI";
      };
    };
}
