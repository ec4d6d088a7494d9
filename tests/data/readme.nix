# A flake that uses this one, as the README shows it: evaluated on the embedded set in the place of nixpkgs, with as much
# of home-manager as a module needs.
{ case }:
let
  given = builtins.fromJSON case;
  pkgs = import (/. + given.embedded) { config.compiler = "test"; };
  nixpkgs.legacyPackages.x86_64-linux = pkgs;
  project = (import (/. + given.project + "/flake.nix")).outputs {
    self = project;
    inherit nixpkgs;
  };
  home-manager.lib.homeManagerConfiguration =
    { modules, ... }:
    let
      module = project.homeManagerModules.default;
      options = (builtins.head (builtins.filter builtins.isAttrs modules)).programs.rtopt;
    in
    assert builtins.elem module modules;
    {
      inherit (options) runtimes;
      packageIsOurs = options ? package;
      evaluated = import ./modules/stub.nix {
        case = builtins.toJSON {
          inherit (given) embedded package;
          module = toString module;
          options =
            removeAttrs options [ "package" ]
            // builtins.mapAttrs (_: toString) { inherit (options) profile ledger; };
        };
      };
    };
in
((import (/. + given.flake)).outputs {
  inherit nixpkgs home-manager;
  pytest-rtopt = project;
}).homeConfigurations.me
