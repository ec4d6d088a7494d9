# The runtimes by name, from the registry that the Python code reads, too: their name under `packages` in a profile, the
# package that is judged, and their overlay.
builtins.mapAttrs (_: runtime: {
  attr = runtime.profileAttribute;
  # The first of its attributes that a package set has. A name that nixpkgs removed may still be there, and throw.
  packageIn =
    set:
    builtins.head (
      builtins.filter (
        name: set ? ${name} && (builtins.tryEval (builtins.isAttrs set.${name})).value
      ) runtime.attributes
      ++ runtime.attributes
    );
  overlay = ./. + "/${runtime.overlay}";
}) (builtins.fromJSON (builtins.readFile ./runtimes.json))
