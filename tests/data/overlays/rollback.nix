# What all overlays as one give with a ledger: two runtimes, beside stock and what the overlays alone make of them, and
# what a ledger and a manifest hold of them.
{ case }:
let
  asked = builtins.fromJSON case;
  overlays = /. + asked.overlays;
  packagesWith =
    list:
    import (/. + asked.embedded) {
      compiler = asked.compiler or "test";
      overlays = list;
    };
  applied = import (overlays + "/default.nix") (
    {
      inherit (asked) profile;
    }
    // (if asked ? ledger then { ledger = /. + asked.ledger; } else { })
    // asked.arguments
  );
  names = [
    "lua5_4"
    "go_1_24"
    "lua5_4-optimized"
  ];
  describe =
    packages:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = {
          drv = builtins.unsafeDiscardStringContext packages.${name}.drvPath;
          out = builtins.unsafeDiscardStringContext packages.${name}.outPath;
        };
      }) (builtins.filter (name: packages ? ${name}) names)
    );
  final = packagesWith [ applied ];
in
{
  stock = describe (packagesWith [ ]);
  applied = describe final;
  manifest = import (overlays + "/manifest.nix") {
    pkgs = final;
    inherit (asked) profile;
    runtimes = [
      "go"
      "lua"
    ];
  };
}
