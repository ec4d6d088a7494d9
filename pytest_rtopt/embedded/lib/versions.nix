{ lib }:
rec {
  inherit (builtins) splitVersion;
  major = version: lib.elemAt (splitVersion version) 0;
  minor = version: lib.elemAt (splitVersion version) 1;
  patch = version: lib.elemAt (splitVersion version) 2;
  majorMinor = version: "${major version}.${minor version}";
  pad =
    count: version:
    let
      parts = lib.splitString "-" version;
      numbers = lib.splitString "." (lib.head parts);
      rest = lib.concatMapStrings (part: "-${part}") (lib.tail parts);
      padded = lib.take count (numbers ++ lib.replicate (lib.max 0 (count - lib.length numbers)) "0");
    in
    lib.concatStringsSep "." padded + rest;
}
