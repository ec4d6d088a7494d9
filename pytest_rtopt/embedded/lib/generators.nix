{ lib }:
rec {
  toJSON = _: builtins.toJSON;
  mkKeyValueDefault =
    _: separator: key: value:
    "${key}${separator}${if builtins.isBool value then lib.boolToString value else toString value}";
  toKeyValue =
    {
      mkKeyValue ? mkKeyValueDefault { } "=",
      ...
    }:
    set: lib.concatStrings (lib.mapAttrsToList (key: value: mkKeyValue key value + "\n") set);
  toINI =
    options: sections:
    lib.concatStringsSep "\n" (
      lib.mapAttrsToList (name: section: "[${name}]\n" + toKeyValue options section) sections
    );
  # As Nix shows a value, in one line.
  toPretty =
    options: value:
    if lib.isDerivation value then
      "<derivation ${value.name or "???"}>"
    else if lib.isFunction value then
      "<function>"
    else if value == null then
      "null"
    else if builtins.isList value then
      "[ ${lib.concatMapStrings (element: toPretty options element + " ") value}]"
    else if builtins.isAttrs value then
      "{ ${
        lib.concatStrings (lib.mapAttrsToList (name: inner: "${name} = ${toPretty options inner}; ") value)
      }}"
    else if builtins.isPath value then
      toString value
    else
      builtins.toJSON value;
}
