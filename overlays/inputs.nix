# What a verdict on a runtime was reached on, apart from the package set: the text of its overlays, and the part of the
# profile that they read. The suites record both in the ledger; ./default.nix compares them with what it is given.
{
  profile,
  # The runtime's name
  name,
  # Overlay files
  overlays,
}:
let
  # `packages.nodejs_22` counts for nodejs as well.
  inherit ((import ./runtimes.nix).${name}) family;
  packages = if profile.packages or null == null then { } else profile.packages;
  ofFamily = builtins.filter (attribute: builtins.match family attribute != null) (
    builtins.attrNames packages
  );
  build = if profile.build or null == null then { } else profile.build;
  hash = builtins.hashString "sha256";

  # The overlay of an interpreter says little more than its name: what the builder does is a part of its text.
  builder = "gcc-interpreter.nix";
  usesBuilder =
    overlay:
    let
      text = builtins.readFile overlay;
    in
    builtins.replaceStrings [ builder ] [ "" ] text != text;
  files = overlays ++ (if builtins.any usesBuilder overlays then [ (./. + "/${builder}") ] else [ ]);
in
{
  overlay = hash (builtins.concatStringsSep "\n" (map (builtins.hashFile "sha256") files));
  profile = hash (
    builtins.toJSON {
      compiler = build.compiler or null;
      packages = map (name: {
        inherit name;
        settings = packages.${name};
      }) ofFamily;
    }
  );
}
