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
  # As the comments of nixpkgs' own files state it, and as those files evaluate.
  trivial = {
    pipe = lib.pipe 2 [
      (x: x + 2)
      (x: x * 2)
    ];
    flip = lib.flip lib.concat [ 1 ] [ 2 ];
    mod = map (lib.mod 11) [
      10
      3
    ];
    functions = [
      (lib.functionArgs (lib.setFunctionArgs (x: x) { a = false; }))
      (lib.toFunction 3 9)
      (lib.mapNullable (x: x + 1) null)
    ];
    extended =
      (
        (lib.makeExtensible (self: {
          a = 1;
          b = self.a + 1;
        })).extend
        (_final: prev: { a = prev.a + 10; })
      ).b;
  };
  moreLists = {
    imap = lib.imap1 (n: value: "${value}-${toString n}") [
      "a"
      "b"
    ];
    parts =
      let
        letters = lib.stringToCharacters "abcde";
      in
      [
        (lib.sublist 1 3 letters)
        (lib.take 2 letters)
        (lib.drop 3 letters)
        (lib.init letters)
      ];
    foldr = lib.foldr (a: b: a + b) "z" (lib.stringToCharacters "abc");
    found = [
      (lib.findFirst (x: x > 3) 7 [
        1
        6
        4
      ])
      (lib.findFirst (x: x > 9) 7 [ 1 ])
    ];
    intersection = lib.intersectLists [ 1 2 3 ] [ 6 3 2 ];
    zipped = lib.zipListsWith (a: b: a + b) [ "h" "l" "x" ] [ "e" "o" ];
    replicated = [
      (lib.replicate 2 "a")
      (lib.strings.replicate 2 "a")
    ];
  };
  moreAttrs = {
    concatMap = lib.concatMapAttrs (name: value: { ${name + value} = value; }) {
      x = "a";
      y = "b";
    };
    fold =
      lib.foldlAttrs
        (
          sum: name: value:
          sum + name + value
        )
        ""
        {
          a = "1";
          b = "2";
        };
    until =
      lib.recursiveUpdateUntil
        (
          path: _: _:
          path == [ "foo" ]
        )
        {
          foo.bar = 1;
          foo.baz = 2;
          bar = 3;
        }
        {
          foo.bar = 1;
          foo.quz = 2;
          baz = 4;
        };
    product = lib.cartesianProduct {
      a = [
        1
        2
      ];
      b = [ 10 ];
    };
    set = lib.setAttrByPath [ "a" "b" ] 3;
    zip = lib.zipAttrs [
      { a = "x"; }
      {
        a = "y";
        b = "z";
      }
    ];
    outputs = [
      (lib.getBin {
        bin = "b";
        out = "o";
      })
      (lib.getDev { out = "o"; })
    ];
  };
  moreStrings = {
    trim = map lib.trim [
      "\n a b \t"
      "  "
    ];
    cases = lib.toUpper "home" + lib.toLower "HOME";
    numbers = [
      (lib.toInt "1337")
      (lib.toInt "-4")
    ];
    shell = lib.toShellVars {
      foo = "bar baz";
      list = [
        "a"
        "b c"
      ];
      map.k = "v w";
    };
    regex = lib.escapeRegex "[^a-z]*(.|+?)\\{}$";
    names = map lib.strings.sanitizeDerivationName [
      "../hello.bar # foo"
      ""
      "ok-1.2"
    ];
    paths = lib.makeBinPath [
      "/opt"
      "/usr"
    ];
    flags = [
      (lib.enableFeatureAs true "ssl" "x")
      (lib.withFeature false "z")
      (lib.cmakeBool "E" false)
      (lib.mesonEnable "b" true)
    ];
    versions = [
      (lib.getName "youtube-dl-2016.01.01")
      (lib.getVersion "youtube-dl-2016.01.01")
      (lib.versions.pad 3 "1.3-rc1")
    ];
    ini = lib.generators.toINI { } { foo.hi = "x"; };
  };
  scopes =
    let
      scope = lib.makeScope (more: lib.callPackageWith more) (self: {
        a = self.callPackage ({ b }: { value = b + 1; }) { };
        b = 1;
      });
      nine = _final: prev: { b = prev.b + 9; };
    in
    [
      scope.a.value
      (scope.overrideScope nine).a.value
      ((scope.overrideScope nine).overrideScope nine).a.value
      (scope.a.override { b = 7; }).value
    ];
}
