# One of the modules with the options of a case, over the embedded set: the check, and the packages that follow.
{ case }:
let
  asked = builtins.fromJSON case;
  lib = import ./lib.nix;
  setting = {
    inherit (asked) embedded;
    compiler = asked.compiler or "test";
  };

  module = import (/. + asked.module) {
    inherit config lib pkgs;
    options.nixpkgs.overlays = lib.optionalAttrs (asked.useGlobalPkgs or false) { visible = false; };
  };
  defaultsOf =
    options:
    builtins.mapAttrs (
      _: option:
      if option ? default then
        option.default
      else if option ? type then
        throw "this option has no default"
      else
        defaultsOf option
    ) options;
  config.programs.rtopt =
    defaultsOf module.options.programs.rtopt
    // {
      package = asked.package;
      policy = defaultsOf module.options.programs.rtopt.policy // (asked.options.policy or { });
    }
    // removeAttrs asked.options [ "policy" ];
  overlays = module.config.nixpkgs.overlays or [ ];
  pkgs = import ./packages.nix {
    config = setting;
    inherit overlays;
  };
  stock = import ./packages.nix { config = setting; };
  dag = module.config.home.activation.rtoptGate or { before = [ ]; };
in
{
  inherit (dag) before;
  check = builtins.unsafeDiscardStringContext (
    dag.data or module.config.system.preSwitchChecks.rtoptGate
  );
  warnings = module.config.warnings or [ ];
  lua = builtins.unsafeDiscardStringContext pkgs.lua5_4.outPath;
  optimized = pkgs.lua5_4.drvPath != stock.lua5_4.drvPath;
}
