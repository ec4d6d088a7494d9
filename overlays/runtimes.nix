# The runtimes by name, from the registry that the Python code reads, too: the attribute of the package that is judged,
# the runtime's name under `packages` in a profile, and its overlay. `family` matches the names under `packages` that are
# the runtime in any version; pytest_rtopt/base/registry.py has the same rule.
builtins.mapAttrs (_: runtime: {
  inherit (runtime) profileAttribute;
  attribute = builtins.head runtime.attributes;
  overlay = ./. + "/${runtime.overlay}";
  family = "(${builtins.concatStringsSep "|" runtime.family})[0-9_]*";
}) (builtins.fromJSON (builtins.readFile ./runtimes.json))
