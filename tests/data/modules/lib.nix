# What the modules use of nixpkgs' lib and of home-manager's, so that they are evaluated where neither is.
rec {
  mkIf = condition: content: if condition then content else { };
  mkOption = option: option;
  mkEnableOption = _: { default = false; };
  literalExpression = text: text;
  literalMD = text: text;
  types = {
    path = "path";
    attrs = "attrs";
    package = "package";
    enum = toString;
    either = _one: _other: "either";
    nullOr = _: "null or";
    listOf = _: "list";
    nonEmptyListOf = _: "list";
  };
  optional = condition: item: if condition then [ item ] else [ ];
  optionalAttrs = condition: set: if condition then set else { };
  filterAttrs =
    keep: set:
    removeAttrs set (builtins.filter (name: !keep name set.${name}) (builtins.attrNames set));
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  escapeShellArgs = words: builtins.concatStringsSep " " (map (word: "'${word}'") words);
  hm.dag.entryBefore = before: data: { inherit before data; };
}
