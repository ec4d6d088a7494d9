# Derivations of the embedded set under the given overlays, in order; each is a file with or without a profile.
{ case }:
let
  asked = builtins.fromJSON case;
  overlayOf =
    entry:
    if entry ? profile && entry ? ledger then
      import entry.file { inherit (entry) profile ledger; }
    else if entry ? profile then
      import entry.file entry.profile
    else
      import entry.file;
  packages = import asked.embedded {
    compiler = "test";
    overlays = map overlayOf asked.overlays;
  };
  derivations = builtins.filter (
    name: builtins.isAttrs packages.${name} && packages.${name}.type or null == "derivation"
  ) (builtins.attrNames packages);
in
builtins.listToAttrs (
  map (name: {
    inherit name;
    value = {
      drv = builtins.unsafeDiscardStringContext packages.${name}.drvPath;
      # Names in capitals are what packages and overlays put into `env`.
      env = builtins.mapAttrs (_: value: builtins.unsafeDiscardStringContext (toString value)) (
        packages.lib.filterAttrs (
          attribute: _: builtins.match "[A-Z][A-Z0-9_]*" attribute != null
        ) packages.${name}.drvAttrs
      );
    };
  }) derivations
)
