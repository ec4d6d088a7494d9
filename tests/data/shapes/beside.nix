# Go in a shape, with all overlays as one and `scope = "add"`: what the manifest names, and what stands beside stock. With
# a ledger that was written for other packages, that is stock under the added name.
{ case }:
let
  asked = builtins.fromJSON case;
  packagesWith = import (import ./as-nixpkgs.nix { inherit (asked) embedded shape; });
  overlays = /. + asked.overlays;
  pathOf = package: builtins.unsafeDiscardStringContext package.drvPath;
  added = builtins.head (
    builtins.filter (name: builtins.match "go.*-optimized" name != null) (builtins.attrNames packages)
  );
  packages = packagesWith {
    overlays = [
      (import (overlays + "/default.nix") {
        inherit (asked) profile;
        ledger = if asked.ledger == null then null else /. + asked.ledger;
        runtimes = [ "go" ];
      })
    ];
  };
in
{
  inherit
    ((import (overlays + "/manifest.nix") {
      pkgs = packages;
      inherit (asked) profile;
      runtimes = [ "go" ];
    }).runtimes.go
    )
    stock
    optimized
    ;
  beside = pathOf packages.${added};
}
