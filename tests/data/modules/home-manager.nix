# The module in home-manager's own sources: the order of the activation, the check, and the packages that follow.
{ case }:
let
  asked = builtins.fromJSON case;
  sources = /. + asked.homeManager;
  lib = import (sources + "/modules/lib/stdlib-extended.nix") (import (/. + asked.lib));
  setting = {
    inherit (asked) embedded;
    compiler = "test";
  };
  pkgs = import ./packages.nix { config = setting; };
  configuration = {
    imports = [ (/. + asked.module) ];
    home = {
      username = "me";
      homeDirectory = "/home/me";
      stateVersion = "25.11";
    };
    programs.rtopt = asked.options // {
      package = derivation {
        name = "rtopt-gate";
        inherit (pkgs.stdenv.hostPlatform) system;
        builder = "/bin/sh";
      };
    };
  }
  // lib.optionalAttrs (!asked.useGlobalPkgs) { nixpkgs.config = setting; };

  evaluated = lib.evalModules {
    modules = [
      configuration
    ]
    ++ import (sources + "/modules/modules.nix") {
      inherit lib pkgs;
      # Modules of programs that others only mention are left out, so that undeclared options are no mistake here.
      minimal = true;
      check = false;
      useNixpkgsModule = !asked.useGlobalPkgs;
    };
    class = "homeManager";
    specialArgs.modulesPath = toString (sources + "/modules");
  };
  sorted = lib.hm.dag.topoSort evaluated.config.home.activation;
in
{
  order = map (entry: entry.name) sorted.result;
  check = builtins.unsafeDiscardStringContext evaluated.config.home.activation.rtoptGate.data;
  lua = builtins.unsafeDiscardStringContext evaluated._module.args.pkgs.lua5_4.drvPath;
  stock = builtins.unsafeDiscardStringContext pkgs.lua5_4.drvPath;
}
