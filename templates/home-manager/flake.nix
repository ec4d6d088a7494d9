{
  description = "A home with runtimes for its own CPU, and a gate before each switch";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    # The repository that this template came from
    pytest-rtopt.url = "github:OWNER/pytest-rtopt";
  };

  outputs =
    {
      nixpkgs,
      home-manager,
      pytest-rtopt,
      ...
    }:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.${system};
      # With its own nixpkgs: what judges must not change with every update of yours.
      rtopt = pytest-rtopt.packages.${system}.default;
      hardwareProfile = pytest-rtopt.lib.mkProfile ./profiles/hardware/me.nix;
    in
    {
      homeConfigurations.me = home-manager.lib.homeManagerConfiguration {
        inherit pkgs;
        modules = [
          pytest-rtopt.homeManagerModules.default
          ./home.nix
          {
            programs.rtopt = {
              enable = true;
              profile = hardwareProfile;
              ledger = ./rtopt.lock.json;
              package = rtopt;
              # All by default. What you do not use need not be judged.
              # runtimes = [ "go" "python" ];
            };
          }
        ];
      };

      # What the suites judge: the same packages, with every overlay that the profile asks for.
      legacyPackages.${system} = import nixpkgs { inherit system; };

      devShells.${system}.default = pkgs.mkShell {
        packages = [ rtopt ];
      };
    };
}
