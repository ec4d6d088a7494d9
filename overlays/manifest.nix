# What a package set with overlays would install, for `rtopt-gate --rtopt-manifest`: the derivations that were evaluated
# anyway, so that a switch is checked without evaluating again.
#
# Paths are written without their context: to check a runtime must not build it.
{
  pkgs,
  profile,
  # Names of runtimes
  runtimes,
}:
let
  known = import ./runtimes.nix;
  stock = import pkgs.path {
    inherit (pkgs) config;
    inherit (pkgs.stdenv.hostPlatform) system;
    overlays = [ ];
  };
  pathsOf = package: {
    drv = builtins.unsafeDiscardStringContext package.drvPath;
    out = builtins.unsafeDiscardStringContext package.outPath;
  };
  describe =
    name:
    let
      inherit (known.${name})
        attributes
        overlay
        packageIn
        profileAttribute
        ;
      attribute = packageIn stock;
      scope = profile.packages.${profileAttribute}.scope or "replace";
      added = import ./added.nix {
        inherit attributes;
        attr = attribute;
        packages = pkgs;
      };
    in
    {
      attr = attribute;
      stock = pathsOf stock.${attribute};
      optimized = pathsOf (if scope == "add" && added != null then pkgs.${added} else pkgs.${attribute});
      inputs = import ./inputs.nix {
        inherit profile name;
        overlays = [ overlay ];
      };
    };
in
{
  schema = 1;
  inherit profile;
  runtimes = builtins.listToAttrs (
    map (name: {
      inherit name;
      value = describe name;
    }) runtimes
  );
}
