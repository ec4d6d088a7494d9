# The derivations that a generated bundle gives, by attribute name.
{ request }:
let
  asked = builtins.fromJSON (builtins.readFile request);
  inherit (asked) packages;
  inherit (import ./package-set.nix packages) source;
  # The embedded set takes its compilers beside what a bundle passes to every nixpkgs.
  nixpkgs =
    if packages.kind == "embedded" then
      builtins.toFile "packages.nix" ''
        arguments:
        import ${builtins.toJSON source} (
          arguments // builtins.fromJSON ${
            builtins.toJSON (builtins.toJSON { inherit (packages) compiler rust toolchain; })
          }
        )
      ''
    else
      source;
  bundle = import asked.snippet { inherit nixpkgs; };
  derivations = map (name: {
    inherit name;
    value = builtins.unsafeDiscardStringContext bundle.${name}.drvPath;
  }) (builtins.filter (name: bundle ? ${name}) asked.attrs);
in
builtins.listToAttrs derivations
