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

  # Some overlays leave the work to a file beside them, which is then a part of their text.
  helpers = [
    "gcc-interpreter.nix"
    "go-collector.nix"
    "rust-upstream.nix"
  ];
  uses =
    helper: overlay:
    let
      text = builtins.readFile overlay;
    in
    builtins.replaceStrings [ helper ] [ "" ] text != text;
  files =
    overlays
    ++ map (helper: ./. + "/${helper}") (
      builtins.filter (helper: builtins.any (uses helper) overlays) helpers
    );
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
