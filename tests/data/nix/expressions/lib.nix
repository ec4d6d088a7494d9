# What the embedded set's `lib` gives for calls whose results nixpkgs' documentation states.
{ embedded }:
let
  inherit (import embedded { compiler = "test"; }) lib;
in
{
  attrs = {
    optional = lib.optionalAttrs false { a = 1; } // lib.optionalAttrs true { b = 2; };
    filtered = lib.filterAttrs (name: value: name != "a" && value > 1) {
      a = 9;
      b = 1;
      c = 2;
    };
    generated = lib.genAttrs [ "x" "y" ] (name: name + name);
    mapped = lib.mapAttrs' (name: value: lib.nameValuePair "${name}-" (value + 1)) { a = 1; };
    listed = lib.mapAttrsToList (name: value: "${name}${toString value}") {
      b = 2;
      a = 1;
    };
    updated =
      lib.recursiveUpdate
        {
          a.b = 1;
          a.c = 2;
          l = [ 1 ];
        }
        {
          a.b = 3;
          l = [ 2 ];
          n = { };
        };
    found = lib.attrByPath [ "a" "b" ] 0 { a.b = 5; };
    absent = lib.attrByPath [ "a" "c" ] 0 { a.b = 5; };
    through = lib.attrByPath [ "a" "b" "c" ] 0 { a.b = 5; };
    has = lib.hasAttrByPath [ "a" ] { a = null; };
    hasNot = lib.hasAttrByPath [ "a" "b" ] { a = 1; };
  };
  lists = {
    optional = lib.optional true 1 ++ lib.optional false 2 ++ lib.optionals true [ 3 ];
    flat = lib.flatten [
      1
      [
        2
        [ 3 ]
      ]
      [ ]
    ];
    unique = lib.unique [
      3
      1
      3
    ];
    without =
      lib.subtractLists
        [ 2 ]
        [
          1
          2
          3
          2
        ];
    range = lib.range 2 4 ++ lib.range 4 2;
    last = lib.last [
      1
      2
    ];
    toList = lib.toList 1 ++ lib.toList [ 2 ];
  };
  strings = {
    optional = lib.optionalString false "a" + lib.optionalString true "b";
    prefix = map (lib.hasPrefix "ab") [
      "abc"
      "a"
      ""
    ];
    suffix = map (lib.hasSuffix "bc") [
      "abc"
      "c"
      ""
    ];
    infix = map (lib.hasInfix "b") [
      "abc"
      "ac"
    ];
    removed = lib.removePrefix "a" "abc" + lib.removePrefix "x" "abc" + lib.removeSuffix "c" "abc";
    split = lib.splitString "." "a.b..c";
    joined = lib.concatMapStringsSep "," toString [
      1
      2
    ];
    quoted = lib.escapeShellArgs [
      "a b"
      "it's"
    ];
  };
  versions = {
    atLeast = [
      (lib.versionAtLeast "1.24.11" "1.24.9")
      (lib.versionAtLeast "1.24" "1.24")
      (lib.versionAtLeast "1.9" "1.24")
    ];
    older = lib.versionOlder "2.8" "2.15";
    parts = [
      (lib.versions.major "1.24.11")
      (lib.versions.minor "1.24.11")
      (lib.versions.majorMinor "1.24.11")
    ];
  };
  overlays =
    let
      one = final: prev: {
        a = prev.a + 1;
        sum = final.a + final.b;
      };
      two = _final: prev: { a = prev.a * 10; };
      base = _final: {
        a = 1;
        b = 2;
      };
    in
    {
      composed = lib.fix (lib.extends (lib.composeExtensions one two) base);
      many = lib.fix (
        lib.extends (lib.composeManyExtensions [
          one
          two
          one
        ]) base
      );
    };
}
