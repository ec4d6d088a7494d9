# What the flake offers, evaluated without flakes on the embedded set in the place of nixpkgs.
{ case }:
let
  asked = builtins.fromJSON case;
  embedded = arguments: import (/. + asked.embedded) ({ config.compiler = "test"; } // arguments);
  flake = import (/. + asked.flake + "/flake.nix");
  outputs = flake.outputs {
    self = outputs;
    nixpkgs.legacyPackages.x86_64-linux = embedded { };
  };
  profile = outputs.lib.mkProfile asked.profile;
  drvOf =
    overlays:
    (embedded {
      inherit overlays;
      config = {
        compiler = "test";
        rtopt = { inherit profile; };
      };
    }).lua5_4.drvPath;
in
{
  inherit profile;
  names = builtins.mapAttrs (_: builtins.attrNames) {
    inherit (outputs)
      overlays
      lib
      homeManagerModules
      nixosModules
      ;
  };
  lua = {
    stock = drvOf [ ];
    overlay = drvOf [ outputs.overlays.lua ];
    every = drvOf [ outputs.overlays.default ];
    list = drvOf (outputs.lib.mkOverlays { inherit profile; });
  };
  files = builtins.all builtins.pathExists [
    outputs.homeManagerModules.default
    outputs.nixosModules.default
    (outputs.templates.default.path + "/flake.nix")
  ];
  formals = builtins.attrNames (
    builtins.functionArgs (import (/. + asked.flake + "/nix/package.nix"))
  );
}
