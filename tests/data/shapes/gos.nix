# Every Go of a shape under our overlay: the level that it is compiled for, the settings that it says it has, and the
# script that patches its sources.
# null for one that cannot be used.
{ case }:
let
  asked = builtins.fromJSON case;
  packages = import ./. {
    inherit (asked) embedded shape;
    overlays = [ (import (/. + asked.overlay) asked.profile) ];
  };
  names = builtins.filter (name: builtins.match "go(_1_[0-9]+)?(-optimized)?" name != null) (
    builtins.attrNames packages
  );
  described = go: {
    level = go.drvAttrs.GOAMD64 or go.drvAttrs.env.GOAMD64 or null;
    settings = go.rtopt.settings or null;
    patch = go.drvAttrs.postPatch or null;
  };
in
builtins.listToAttrs (
  map (name: {
    inherit name;
    value = if (builtins.tryEval packages.${name}).success then described packages.${name} else null;
  }) names
)
