# The runtimes by name, from the registry that the Python code reads, too: their name under `packages` in a profile, the
# package that is judged, and their overlay.
builtins.mapAttrs (_: runtime: {
  attr = runtime.profileAttribute;
  package = builtins.head runtime.attributes;
  overlay = ./. + "/${runtime.overlay}";
}) (builtins.fromJSON (builtins.readFile ./runtimes.json))
