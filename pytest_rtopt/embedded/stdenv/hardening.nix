# Hardening flags by name, as in nixpkgs (make-derivation.nix, bintools-wrapper/default.nix).
{ lib }:
rec {
  known = [
    "bindnow"
    "format"
    "fortify"
    "fortify3"
    "strictflexarrays1"
    "strictflexarrays3"
    "shadowstack"
    "nostrictaliasing"
    "pacret"
    "pic"
    "relro"
    "stackprotector"
    "glibcxxassertions"
    "libcxxhardeningfast"
    "libcxxhardeningextensive"
    "stackclashprotection"
    "strictoverflow"
    "trivialautovarinit"
    "zerocallusedregs"
  ];

  default = [
    "bindnow"
    "format"
    "fortify"
    "fortify3"
    "libcxxhardeningextensive"
    "libcxxhardeningfast"
    "pic"
    "relro"
    "stackclashprotection"
    "stackprotector"
    "strictoverflow"
    "zerocallusedregs"
  ];

  # Weaker and stronger forms: without the weaker there is no stronger.
  implied = {
    fortify = [ "fortify3" ];
    strictflexarrays1 = [ "strictflexarrays3" ];
    libcxxhardeningfast = [ "libcxxhardeningextensive" ];
  };

  # What is on for a package, or the error that a wrong name is.
  enabled =
    {
      defaults,
      enable,
      disable,
    }:
    let
      wrong = lib.subtractLists (known ++ [ "pie" ]) (enable ++ lib.remove "all" disable);
      off = disable ++ lib.concatMap (name: implied.${name} or [ ]) disable;
    in
    if wrong != [ ] then
      abort "mkDerivation was called with unsupported hardening flags: ${
        lib.generators.toPretty { } {
          erroneousHardeningFlags = wrong;
          hardeningDisable = disable;
          hardeningEnable = enable;
          knownHardeningFlags = known;
        }
      }"
    else if lib.elem "all" disable then
      [ ]
    else
      lib.subtractLists off (defaults ++ enable);

  # What GCC of a version does not know, or not for this machine.
  unsupported =
    version:
    [ "pacret" ]
    ++ lib.optionals (lib.versionOlder version "13") [
      "strictflexarrays1"
      "strictflexarrays3"
    ]
    ++ lib.optionals (lib.versionOlder version "12") [
      "fortify3"
      "trivialautovarinit"
    ]
    ++ lib.optional (lib.versionOlder version "11") "zerocallusedregs"
    ++ lib.optionals (lib.versionOlder version "8") [
      "shadowstack"
      "stackclashprotection"
    ];
}
