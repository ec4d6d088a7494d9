# The embedded set as modules of home-manager need a nixpkgs: a `path` that imports it, with what they read below it.
{
  overlays ? [ ],
  config ? { },
  ...
}:
import (/. + config.embedded) {
  inherit config;
  overlays = [
    (_final: _prev: {
      path = ./packages;
      coreutils = "/usr";
    })
  ]
  ++ overlays;
}
