# What packages say of themselves.
{ lib }:
let
  license = spdxId: {
    inherit spdxId;
    shortName = lib.toLower spdxId;
    free = true;
  };
in
rec {
  getExe =
    package:
    getExe' package (
      package.meta.mainProgram
        or (lib.warn "getExe: Package ${package.name or ""} does not have the meta.mainProgram attribute." (
          lib.getName package
        ))
    );
  getExe' = package: program: "${lib.getBin package}/bin/${program}";

  addMetaAttrs =
    more: package:
    if package ? overrideAttrs then
      package.overrideAttrs (old: {
        meta = (old.meta or { }) // more;
      })
    else
      package // { meta = (package.meta or { }) // more; };
  lowPrio = addMetaAttrs { priority = 10; };
  hiPrio = addMetaAttrs { priority = -10; };

  # Those that overlays name most; all free, as nothing here is held back by a licence.
  licenses = builtins.mapAttrs (_: license) {
    agpl3Only = "AGPL-3.0-only";
    agpl3Plus = "AGPL-3.0-or-later";
    asl20 = "Apache-2.0";
    boost = "BSL-1.0";
    bsd0 = "0BSD";
    bsd2 = "BSD-2-Clause";
    bsd3 = "BSD-3-Clause";
    cc0 = "CC0-1.0";
    gpl2 = "GPL-2.0";
    gpl2Only = "GPL-2.0-only";
    gpl2Plus = "GPL-2.0-or-later";
    gpl3 = "GPL-3.0";
    gpl3Only = "GPL-3.0-only";
    gpl3Plus = "GPL-3.0-or-later";
    isc = "ISC";
    lgpl21Only = "LGPL-2.1-only";
    lgpl21Plus = "LGPL-2.1-or-later";
    lgpl3Only = "LGPL-3.0-only";
    lgpl3Plus = "LGPL-3.0-or-later";
    mit = "MIT";
    mpl20 = "MPL-2.0";
    psfl = "Python-2.0";
    unlicense = "Unlicense";
    zlib = "Zlib";
  };
  maintainers = { };
  sourceTypes = lib.genAttrs [ "fromSource" "binaryNativeCode" "binaryBytecode" ] (shortName: {
    inherit shortName;
    isSource = shortName == "fromSource";
  });
  platforms = rec {
    linux = x86_64;
    unix = linux;
    all = linux;
    x86_64 = [ "x86_64-linux" ];
    darwin = [ ];
    windows = [ ];
    none = [ ];
  };
}
