# Functions about attribute sets.
{ lib }:
rec {
  inherit (builtins)
    attrNames
    attrValues
    catAttrs
    getAttr
    hasAttr
    intersectAttrs
    listToAttrs
    mapAttrs
    removeAttrs
    zipAttrsWith
    ;

  optionalAttrs = condition: attrs: if condition then attrs else { };
  nameValuePair = name: value: { inherit name value; };
  mapAttrs' = f: set: listToAttrs (mapAttrsToList f set);
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  attrsToList = mapAttrsToList nameValuePair;
  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  mapAttrsRecursiveCond =
    into: f: set:
    let
      walk =
        path:
        mapAttrs (
          name: value:
          if builtins.isAttrs value && into value then
            walk (path ++ [ name ]) value
          else
            f (path ++ [ name ]) value
        );
    in
    walk [ ] set;
  filterAttrs =
    keep: set: removeAttrs set (lib.filter (name: !keep name set.${name}) (attrNames set));
  filterAttrsRecursive =
    keep: set:
    mapAttrs (_: value: if builtins.isAttrs value then filterAttrsRecursive keep value else value) (
      filterAttrs keep set
    );
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  concatMapAttrs = f: set: mergeAttrsList (mapAttrsToList f set);
  mergeAttrsList = lib.foldl' (left: right: left // right) { };
  foldlAttrs =
    f: start: set:
    lib.foldl' (sum: name: f sum name set.${name}) start (attrNames set);
  foldAttrs =
    f: start: sets:
    lib.foldr (set: sum: sum // mapAttrs (name: value: f value (sum.${name} or start)) set) { } sets;
  zipAttrs = zipAttrsWith (_: values: values);
  zipAttrsWithNames =
    names: f: sets:
    genAttrs names (name: f name (catAttrs name sets));
  unionOfDisjoint = left: right: left // mapAttrs (name: value: disjoint left name value) right;
  disjoint =
    left: name: value:
    if left ? ${name} then throw "unionOfDisjoint: collision on ${name}" else value;
  collect =
    holds: value:
    if holds value then
      [ value ]
    else if builtins.isAttrs value then
      lib.concatMap (collect holds) (attrValues value)
    else
      [ ];
  cartesianProduct =
    choices:
    foldlAttrs (
      sets: name: values:
      lib.concatMap (set: map (value: set // { ${name} = value; }) values) sets
    ) [ { } ] choices;

  # Paths into sets
  attrByPath =
    path: default: set:
    if path == [ ] then
      set
    else if builtins.isAttrs set && hasAttr (builtins.head path) set then
      attrByPath (builtins.tail path) default set.${builtins.head path}
    else
      default;
  getAttrFromPath =
    path: attrByPath path (throw "cannot find attribute `${lib.concatStringsSep "." path}'");
  hasAttrByPath =
    path: set:
    path == [ ]
    || (
      builtins.isAttrs set
      && hasAttr (builtins.head path) set
      && hasAttrByPath (builtins.tail path) set.${builtins.head path}
    );
  setAttrByPath = path: value: lib.foldr (name: inner: { ${name} = inner; }) value path;
  getAttrs = names: set: genAttrs names (name: set.${name});
  attrVals = names: set: map (name: set.${name}) names;

  # Merges of sets within sets
  recursiveUpdate = recursiveUpdateUntil (
    _: left: right:
    !(builtins.isAttrs left && builtins.isAttrs right)
  );
  recursiveUpdateUntil =
    stop: left: right:
    let
      merge =
        path:
        zipAttrsWith (
          name: values:
          let
            here = path ++ [ name ];
          in
          if builtins.length values == 1 || stop here (lib.elemAt values 1) (lib.head values) then
            lib.head values
          else
            merge here values
        );
    in
    merge
      [ ]
      [
        right
        left
      ];

  # Packages
  isDerivation = value: value.type or null == "derivation";
  getOutput =
    output: package:
    if !package ? outputSpecified || !package.outputSpecified then
      package.${output} or package.out or package
    else
      package;
  getFirstOutput =
    candidates: package:
    let
      there = lib.findFirst (name: package ? ${name}) null candidates;
    in
    if package.outputSpecified or false || there == null then package else package.${there};
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getStatic = getFirstOutput [
    "static"
    "lib"
    "out"
  ];
  getDev = getOutput "dev";
  getInclude = getFirstOutput [
    "include"
    "dev"
    "out"
  ];
  getMan = getOutput "man";
  chooseDevOutputs = map getDev;
  recurseIntoAttrs = attrs: attrs // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = attrs: attrs // { recurseForDerivations = false; };
}
