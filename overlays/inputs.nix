# What a verdict on a runtime was reached on, apart from the package set: the text of its overlays, and the part of the
# profile that they read. The suites record both in the ledger; ./default.nix compares them with what it is given.
{
  profile,
  # The runtime's name under `packages` in a profile
  attr,
  # Overlay files
  overlays,
}:
let
  # `packages.nodejs_22` counts for nodejs as well.
  kind = builtins.head (builtins.match "([a-z]+).*" attr);
  packages = if profile.packages or null == null then { } else profile.packages;
  ofKind = builtins.filter (name: builtins.match "${kind}[-_0-9a-z]*" name != null) (
    builtins.attrNames packages
  );
  build = if profile.build or null == null then { } else profile.build;
  hash = builtins.hashString "sha256";
in
{
  overlay = hash (builtins.concatStringsSep "\n" (map (builtins.hashFile "sha256") overlays));
  profile = hash (
    builtins.toJSON {
      compiler = build.compiler or null;
      packages = map (name: {
        inherit name;
        settings = packages.${name};
      }) ofKind;
    }
  );
}
