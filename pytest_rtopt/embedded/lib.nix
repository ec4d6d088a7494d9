# The part of nixpkgs' `lib` that overlays use, with the same names and meaning: each function both by itself and in
# its namespace (`lib.pipe`, `lib.trivial.pipe`).
let
  parts = builtins.mapAttrs (_: file: import file { inherit lib; }) {
    trivial = ./lib/trivial.nix;
    fixedPoints = ./lib/fixed-points.nix;
    lists = ./lib/lists.nix;
    attrsets = ./lib/attrsets.nix;
    strings = ./lib/strings.nix;
    versions = ./lib/versions.nix;
    customisation = ./lib/customisation.nix;
    meta = ./lib/meta.nix;
    sources = ./lib/sources.nix;
    generators = ./lib/generators.nix;
    asserts = ./lib/asserts.nix;
  };
  lib =
    parts.trivial
    // parts.fixedPoints
    // parts.attrsets
    // parts.strings
    # `replicate` by itself is that of lists.
    // parts.lists
    // parts.customisation
    // parts.asserts
    // {
      inherit (parts.meta)
        getExe
        getExe'
        lowPrio
        hiPrio
        addMetaAttrs
        licenses
        maintainers
        platforms
        sourceTypes
        ;
      inherit (parts.sources)
        cleanSource
        cleanSourceWith
        sourceByRegex
        sourceFilesBySuffices
        ;
    }
    // parts;
in
lib
