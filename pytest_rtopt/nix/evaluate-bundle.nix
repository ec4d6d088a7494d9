# The derivations that a generated bundle gives, by attribute name.
{ request }:
let
  asked = builtins.fromJSON (builtins.readFile request);
  inherit (asked) packages;
  inherit (import ./package-set.nix packages) source;
  # The embedded set takes the compiler's identity beside what a bundle passes to every nixpkgs.
  nixpkgs =
    if packages.kind == "embedded" then
      builtins.toFile "packages.nix" ''
        arguments:
        import ${builtins.toJSON source} (arguments // { compiler = ${builtins.toJSON packages.compiler}; })
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
