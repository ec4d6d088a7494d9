# Functions about strings.
{ lib }:
rec {
  inherit (builtins)
    compareVersions
    concatStringsSep
    match
    replaceStrings
    split
    stringLength
    substring
    unsafeDiscardStringContext
    ;

  # Joining
  optionalString = condition: string: if condition then string else "";
  concatStrings = concatStringsSep "";
  concatMapStrings = f: list: concatStrings (map f list);
  concatImapStrings = f: list: concatStrings (lib.imap1 f list);
  concatMapStringsSep =
    separator: f: list:
    concatStringsSep separator (map f list);
  concatImapStringsSep =
    separator: f: list:
    concatStringsSep separator (lib.imap1 f list);
  concatMapAttrsStringSep =
    separator: f: set:
    concatStringsSep separator (lib.mapAttrsToList f set);
  concatLines = concatMapStrings (line: line + "\n");
  join = concatStringsSep;
  replicate = n: string: concatStrings (lib.replicate n string);
  intersperse =
    separator: list:
    if list == [ ] then
      [ ]
    else
      lib.tail (
        lib.concatMap (x: [
          separator
          x
        ]) list
      );

  # Parts
  hasPrefix = prefix: string: substring 0 (stringLength prefix) string == prefix;
  hasSuffix =
    suffix: string:
    let
      start = stringLength string - stringLength suffix;
    in
    start >= 0 && substring start (stringLength suffix) string == suffix;
  hasInfix = infix: string: match ".*${escapeRegex infix}.*" "${string}" != null;
  removePrefix =
    prefix: string:
    if hasPrefix prefix string then substring (stringLength prefix) (-1) string else string;
  removeSuffix =
    suffix: string:
    if hasSuffix suffix string then
      substring 0 (stringLength string - stringLength suffix) string
    else
      string;
  splitString =
    separator: string: lib.filter builtins.isString (split (escapeRegex separator) string);
  stringToCharacters = string: lib.genList (n: substring n 1 string) (stringLength string);
  stringAsChars = f: string: concatStrings (map f (stringToCharacters string));
  trim =
    string:
    let
      inner = lib.head (match "[ \t\r\n]*(.*[^ \t\r\n])?[ \t\r\n]*" string);
    in
    if inner == null then "" else inner;
  fileContents = file: removeSuffix "\n" (builtins.readFile file);
  toLower = replaceStrings upperChars lowerChars;
  toUpper = replaceStrings lowerChars upperChars;
  lowerChars = stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upperChars = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  toInt =
    string:
    let
      number = match "[[:space:]]*(-?[0-9]+)[[:space:]]*" string;
    in
    if number == null then
      throw "toInt: Could not convert ${escapeNixString string} to int."
    else
      builtins.fromJSON (lib.head number);
  fixedWidthString =
    width: filler: string:
    if stringLength string < width then fixedWidthString width filler (filler + string) else string;
  fixedWidthNumber = width: number: fixedWidthString width "0" (toString number);

  # Quoting
  escape = characters: replaceStrings characters (map (c: "\\" + c) characters);
  escapeRegex = escape (stringToCharacters "\\[{()^$?*+|.");
  escapeShellArg =
    argument:
    let
      string = toString argument;
    in
    if match "[[:alnum:],._+:@%/-]+" string == null then
      "'${replaceStrings [ "'" ] [ "'\\''" ] string}'"
    else
      string;
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  escapeNixString = string: escape [ "$" ] (builtins.toJSON string);
  quoteName =
    name: if match "[a-zA-Z_][a-zA-Z0-9_'-]*" name != null then name else escapeNixString name;
  isValidPosixName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;
  toShellVar =
    name: value:
    if builtins.isAttrs value && !isConvertibleWithToString value then
      "declare -A ${name}=(${
        concatStringsSep " " (
          lib.mapAttrsToList (key: inner: "[${escapeShellArg key}]=${escapeShellArg inner}") value
        )
      })"
    else if builtins.isList value then
      "declare -a ${name}=(${escapeShellArgs value})"
    else
      "${name}=${escapeShellArg value}";
  toShellVars = set: concatStringsSep "\n" (lib.mapAttrsToList toShellVar set);
  isConvertibleWithToString =
    value:
    builtins.isString value
    || value ? outPath
    || value ? __toString
    || lib.elem (builtins.typeOf value) [
      "path"
      "int"
      "float"
      "bool"
      "null"
    ]
    || (builtins.isList value && lib.all isConvertibleWithToString value);
  isStringLike =
    value: builtins.isString value || builtins.isPath value || value ? outPath || value ? __toString;
  isStorePath = value: isStringLike value && dirOf (toString value) == builtins.storeDir;
  sanitizeDerivationName =
    string:
    let
      valid = match "[[:alnum:]+_?=-][[:alnum:]+._?=-]*" string != null && stringLength string <= 207;
      parts = split "[^[:alnum:]+._?=-]+" (
        unsafeDiscardStringContext (lib.last (match "(\\.*)(.*)" string))
      );
      joined = concatMapStrings (part: if builtins.isList part then "-" else part) parts;
      short = substring (lib.max 0 (stringLength joined - 207)) (-1) joined;
    in
    if valid then
      unsafeDiscardStringContext string
    else if short == "" then
      "unknown"
    else
      short;

  # Search paths
  makeSearchPath =
    directory: paths:
    concatMapStringsSep ":" (path: "${path}/${directory}") (lib.filter (x: x != null) paths);
  makeSearchPathOutput =
    output: directory: packages:
    makeSearchPath directory (map (lib.getOutput output) packages);
  makeLibraryPath = makeSearchPathOutput "lib" "lib";
  makeIncludePath = makeSearchPathOutput "dev" "include";
  makeBinPath = makeSearchPathOutput "bin" "bin";
  normalizePath =
    string: concatStrings (map (part: if builtins.isList part then "/" else part) (split "//+" string));

  # Flags of configure scripts and their like
  enableFeature = flag: feature: "--${if flag then "enable" else "disable"}-${feature}";
  enableFeatureAs =
    flag: feature: value:
    enableFeature flag feature + optionalString flag "=${value}";
  withFeature = flag: feature: "--${if flag then "with" else "without"}-${feature}";
  withFeatureAs =
    flag: feature: value:
    withFeature flag feature + optionalString flag "=${value}";
  cmakeOptionType =
    type: feature: value:
    "-D${feature}:${toUpper type}=${value}";
  cmakeBool = feature: flag: cmakeOptionType "bool" feature (toUpper (lib.boolToString flag));
  cmakeFeature = cmakeOptionType "string";
  mesonOption = feature: value: "-D${feature}=${value}";
  mesonBool = feature: flag: mesonOption feature (lib.boolToString flag);
  mesonEnable = feature: flag: mesonOption feature (if flag then "enabled" else "disabled");

  # Versions and names
  versionOlder = a: b: compareVersions b a == 1;
  versionAtLeast = a: b: !versionOlder a b;
  getName =
    package:
    if builtins.isString package then
      (builtins.parseDrvName package).name
    else
      package.pname or (builtins.parseDrvName package.name).name;
  getVersion =
    package:
    if builtins.isString package then
      (builtins.parseDrvName package).version
    else
      package.version or (builtins.parseDrvName package.name).version;
}
