# The part of nixpkgs' `lib` that overlays of language runtimes use, with the same names and meaning.
rec {
  inherit (builtins)
    all
    any
    attrNames
    attrValues
    compareVersions
    concatLists
    concatMap
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    genList
    getAttr
    hasAttr
    head
    intersectAttrs
    isAttrs
    isBool
    isFloat
    isInt
    isList
    isPath
    isString
    length
    listToAttrs
    mapAttrs
    match
    pathExists
    readFile
    removeAttrs
    replaceStrings
    seq
    sort
    stringLength
    substring
    tail
    tryEval
    ;

  # Functions, of which some are sets that know the arguments they take
  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));
  functionArgs = f: f.__functionArgs or (builtins.functionArgs f);
  setFunctionArgs = f: arguments: {
    __functor = _: f;
    __functionArgs = arguments;
  };

  # Fixed points
  fix =
    f:
    let
      x = f x;
    in
    x;
  extends =
    overlay: f: final:
    let
      prev = f final;
    in
    prev // overlay final prev;
  composeExtensions =
    f: g: final: prev:
    let
      first = f final prev;
    in
    first // g final (prev // first);
  composeManyExtensions = foldl' composeExtensions (_: _: { });

  # `override`: call `f` again with changed arguments, and keep that possible on the result, also after
  # `overrideAttrs`.
  makeOverridable =
    f: args:
    let
      result = f args;
      override = setFunctionArgs (
        change: makeOverridable f (args // (if isFunction change then change args else change))
      ) (functionArgs f);
      overrideResult = g: makeOverridable (arguments: g (f arguments)) args;
    in
    if isFunction result then
      {
        inherit override;
        __functor = _: result;
      }
    else if isAttrs result then
      result
      // {
        inherit override;
      }
      // optionalAttrs (result ? overrideAttrs) {
        overrideAttrs = change: overrideResult (x: x.overrideAttrs change);
      }
    else
      result;
  callPackageWith =
    scope: fileOrFunction: args:
    let
      f = if isFunction fileOrFunction then fileOrFunction else import fileOrFunction;
    in
    makeOverridable f (intersectAttrs (functionArgs f) scope // args);

  # Scopes: sets whose members find each other in them, also after `overrideScope`
  makeScope =
    f:
    let
      self = f self // {
        overrideScope =
          change:
          makeScope (
            final:
            let
              previous = f final;
            in
            previous // change final previous
          );
      };
    in
    self;

  # Attribute sets
  optionalAttrs = condition: attrs: if condition then attrs else { };
  nameValuePair = name: value: { inherit name value; };
  mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  filterAttrs = keep: set: removeAttrs set (filter (name: !keep name set.${name}) (attrNames set));
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  attrByPath =
    path: default: set:
    if path == [ ] then
      set
    else if isAttrs set && hasAttr (builtins.head path) set then
      attrByPath (builtins.tail path) default set.${builtins.head path}
    else
      default;
  hasAttrByPath =
    path: set:
    path == [ ]
    || (
      isAttrs set
      && hasAttr (builtins.head path) set
      && hasAttrByPath (builtins.tail path) set.${builtins.head path}
    );
  recursiveUpdate =
    left: right:
    if isAttrs left && isAttrs right then
      left
      // mapAttrs (
        name: value: if left ? ${name} then recursiveUpdate left.${name} value else value
      ) right
    else
      right;

  # Lists
  optional = condition: element: if condition then [ element ] else [ ];
  optionals = condition: list: if condition then list else [ ];
  toList = x: if isList x then x else [ x ];
  flatten = x: if isList x then builtins.concatMap flatten x else [ x ];
  last = list: elemAt list (length list - 1);
  unique = foldl' (seen: x: if builtins.elem x seen then seen else seen ++ [ x ]) [ ];
  subtractLists = remove: filter (x: !builtins.elem x remove);
  range = first: final: if first > final then [ ] else genList (n: first + n) (final - first + 1);

  # Strings
  optionalString = condition: string: if condition then string else "";
  concatStrings = concatStringsSep "";
  concatMapStrings = f: list: concatStrings (map f list);
  concatMapStringsSep =
    separator: f: list:
    concatStringsSep separator (map f list);
  hasPrefix = prefix: string: substring 0 (stringLength prefix) string == prefix;
  hasSuffix =
    suffix: string:
    let
      start = stringLength string - stringLength suffix;
    in
    start >= 0 && substring start (stringLength suffix) string == suffix;
  hasInfix = infix: string: replaceStrings [ infix ] [ "" ] string != string;
  removePrefix =
    prefix: string:
    if hasPrefix prefix string then substring (stringLength prefix) (-1) string else string;
  removeSuffix =
    suffix: string:
    if hasSuffix suffix string then
      substring 0 (stringLength string - stringLength suffix) string
    else
      string;
  splitString = separator: string: filter isString (builtins.split (escapeRegex separator) string);
  escapeRegex = escape [
    "\\"
    "^"
    "$"
    "."
    "*"
    "+"
    "?"
    "("
    ")"
    "["
    "]"
    "{"
    "}"
    "|"
  ];
  escape = characters: replaceStrings characters (map (c: "\\" + c) characters);
  escapeShellArg = argument: "'${replaceStrings [ "'" ] [ "'\\''" ] (toString argument)}'";
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;

  # Versions
  versionAtLeast = a: b: builtins.compareVersions a b >= 0;
  versionOlder = a: b: builtins.compareVersions a b < 0;
  versions = {
    major = version: elemAt (builtins.splitVersion version) 0;
    minor = version: elemAt (builtins.splitVersion version) 1;
    majorMinor = version: "${versions.major version}.${versions.minor version}";
  };

  # Packages
  getBin = package: package.bin or package.out or package;
  getExe = package: "${getBin package}/bin/${package.meta.mainProgram or package.pname}";

  # Messages
  warn = message: value: builtins.trace "warning: ${message}" value;
  throwIf =
    condition: message: value:
    if condition then throw message else value;
  throwIfNot = condition: throwIf (!condition);
  assertMsg = condition: message: condition || throw message;
}
