# The template's flake with one of the shapes in the place of nixpkgs, and as much of home-manager as a module needs.
{ case }:
let
  given = builtins.fromJSON case;
  file = import ./shapes/as-nixpkgs.nix { inherit (given) embedded shape; };
  system = "x86_64-linux";
  nixpkgs = {
    outPath = file;
    legacyPackages.${system} = import file { };
  };
  project = (import (/. + given.project + "/flake.nix")).outputs {
    self = project;
    inherit nixpkgs;
  };
  # The package is that of the tests.
  pytest-rtopt = project // {
    packages.${system}.default = given.package;
  };

  home-manager.lib.homeManagerConfiguration =
    { pkgs, modules }:
    let
      options = (builtins.head (builtins.filter builtins.isAttrs modules)).programs.rtopt;
      # After the module of this project.
      home = builtins.elemAt (builtins.filter builtins.isPath modules) 1;
      packagesOf =
        pkgs:
        map (package: builtins.unsafeDiscardStringContext package.drvPath)
          (import home { inherit pkgs; }).home.packages;
    in
    {
      stock = packagesOf pkgs;
      optimized = packagesOf (
        import nixpkgs {
          inherit system;
          overlays = project.lib.mkOverlays { inherit (options) profile; };
        }
      );
      evaluated = import ./modules/stub.nix {
        case = builtins.toJSON {
          embedded = builtins.unsafeDiscardStringContext file;
          inherit (given) package;
          module = toString project.homeManagerModules.default;
          options = removeAttrs options [ "package" ] // {
            ledger = toString options.ledger;
          };
        };
      };
    };

  flake = (import (/. + given.template + "/flake.nix")).outputs {
    inherit nixpkgs home-manager pytest-rtopt;
  };
in
{
  inherit (flake.homeConfigurations.me) stock optimized;
  inherit (flake.homeConfigurations.me.evaluated) check before;
  inShell = flake.devShells.${system}.default.packages;
  judged = builtins.mapAttrs (_: runtime: runtime.attr) (
    (import ../../overlays/manifest.nix {
      pkgs = flake.legacyPackages.${system};
      profile = import (/. + given.template + "/profiles/hardware/me.nix");
      runtimes = builtins.filter (
        name: (import ../../overlays/runtimes.nix).${name}.isIn flake.legacyPackages.${system}
      ) (builtins.attrNames (import ../../overlays/runtimes.nix));
    }).runtimes
  );
}
