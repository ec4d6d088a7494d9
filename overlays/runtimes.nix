# The runtimes by name, from the registry that the Python code reads, too: the name under `packages` in a profile, the package
# that is judged, and the overlay. `family` matches the names under `packages` that are the runtime in any version;
# pytest_rtopt/base/registry.py has the same rule.
builtins.mapAttrs (
  _: runtime:
  let
    # A name that nixpkgs removed may still be there, and throw.
    attributesIn =
      set:
      builtins.filter (
        name: set ? ${name} && (builtins.tryEval (builtins.isAttrs set.${name})).value
      ) runtime.attributes;
  in
  {
    inherit (runtime) attributes profileAttribute;
    isIn = set: attributesIn set != [ ];
    # The first of its attributes that a package set has.
    packageIn = set: builtins.head (attributesIn set ++ runtime.attributes);
    overlay = ./. + "/${runtime.overlay}";
    family = "(${builtins.concatStringsSep "|" runtime.family})[0-9_]*";
  }
) (builtins.fromJSON (builtins.readFile ./runtimes.json))
