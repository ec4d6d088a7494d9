# What the overlays share: settings and flags from the hardware profile, and the merge into `env`.
#
# A variable that a compiler is to see goes into `env`: a top-level attribute is not exported where
# `__structuredAttrs` is set, and then changes a hash and nothing else.
{
  hardwareProfile,
  lib,
  stdenv,
}:
let
  # A field that is null says as little as one that is absent.
  said = set: lib.filterAttrs (_: value: value != null) (if set == null then { } else set);

  compiler =
    let
      given = hardwareProfile.build.compiler or null;
    in
    if given == null then null else said given;

  # Generated from archspec's feature sets (`python -m pytest_rtopt.hardware.microarch`).
  microarchitectures = builtins.fromJSON (builtins.readFile ./microarchitectures.json);

  march =
    let
      asked = compiler.march or "x86-64-v3";
    in
    if compiler == null then null else architecture "build.compiler.march" asked;

  architecture =
    field: name:
    if name == "native" then
      throw "rtopt: ${field} = \"native\" is impure; name the architecture (`pytest -m generate --rtopt-profile host` finds it)"
    else if !(microarchitectures ? ${name}) then
      throw "rtopt: ${field} = \"${name}\" is not an x86-64 architecture that GCC knows; known are ${toString (builtins.attrNames microarchitectures)}"
    else
      name;

  # `name`, unless this package set's GCC came before it. Clang's versions are not in the table.
  understood =
    field: name:
    let
      oldest = microarchitectures.${name}.gcc or "0";
      version = stdenv.cc.version or "";
    in
    if stdenv.cc.isGNU or false && version != "" && builtins.compareVersions version oldest < 0 then
      throw "rtopt: build.compiler.${field} = \"${name}\" needs GCC ${oldest} and this package set compiles with GCC ${version}; name an older architecture (`pytest -m generate --rtopt-profile host` finds one)"
    else
      name;
in
rec {
  inherit architecture march;

  # A phase's script with `more` after it, which must not become a part of a last line that does not end.
  andThen =
    script: more:
    if script == null || script == "" || lib.hasSuffix "\n" script then
      toString script + more
    else
      "${script}\n${more}";

  # As GCC pairs them: a level of the psABI is tuned for no processor in particular.
  mtune =
    compiler.mtune
      or (if compiler ? march && !(lib.hasPrefix "x86-64" march) then march else "generic");

  architectureFlags = lib.optionals (march != null) [
    "-march=${understood "march" march}"
    "-mtune=${understood "mtune" mtune}"
  ];

  # The flags that every C and C++ compilation gets; none without `build.compiler`.
  compilerFlags =
    architectureFlags
    ++ lib.optional (march != null) "-O${toString (compiler.optimizationLevel or "3")}";

  # The psABI level of `march`, as Go names it; null without `build.compiler`.
  goamd64 = if march == null then null else "v${toString microarchitectures.${march}.level}";

  settings = attr: said (hardwareProfile.packages.${attr} or { });

  # Whether the profile asks for anything for this runtime.
  wanted = attr: (settings attr).enable or (compiler != null || settings attr != { });

  # The attributes of one runtime to tune: the usual one, and others of its kind that the profile has settings for
  # (`packages.nodejs_22`). Names come from the profile, never from the values of packages: that would not terminate.
  asked =
    prev: attr: pattern:
    let
      named = builtins.filter (name: name != attr && builtins.match pattern name != null) (
        builtins.attrNames (hardwareProfile.packages or { })
      );
    in
    builtins.filter (name: prev ? ${name} && wanted name) ([ attr ] ++ named);

  # `change` applied to `prev.<attr>`, for the settings of `forAttr`, with a mark that a second application finds.
  tunedFor =
    forAttr: prev: attr: change:
    unmarked prev attr (
      (change prev.${attr}).overrideAttrs (old: {
        passthru = (old.passthru or { }) // {
          rtopt = {
            inherit attr;
            settings = forAttr;
          };
        };
      })
    );
  tuned = prev: attr: tunedFor attr prev attr;

  # `value`, unless `prev.<attr>` is not for an x86-64 Linux, or is ours already.
  unmarked =
    prev: attr: value:
    let
      inherit (prev.stdenv.hostPlatform) system;
    in
    if system != "x86_64-linux" then
      throw "rtopt: the hardware profile is for x86_64-linux and this package set is for ${system}; leave the overlay of ${attr} out there"
    else if prev.${attr} ? rtopt then
      throw "rtopt: the overlay of ${attr} is applied twice, so that flags would be given twice; list it once (overlays/default.nix has them all)"
    else
      value;

  # Whether an attribute can be used: a newer nixpkgs keeps removed ones as aliases that throw. Only for values.
  usable = prev: attr: prev ? ${attr} && (builtins.tryEval prev.${attr}).success;

  # Builds that run what they compiled need a builder that can. Asked for by `build.compiler.requireSystemFeatures`,
  # since a builder offers `gccarch-…` only where its nix.conf says so.
  features =
    arch: old:
    lib.optionalAttrs (compiler.requireSystemFeatures or false && arch != null) {
      requiredSystemFeatures = (old.requiredSystemFeatures or [ ]) ++ [ "gccarch-${arch}" ];
    };

  # A field of `packages.<attr>` that is true or false.
  flag =
    attr: field: default:
    let
      value = (settings attr).${field} or default;
    in
    if builtins.isBool value then
      value
    else
      throw "rtopt: packages.${attr}.${field} must be true or false";

  # `replace` changes the attribute in place, `add` puts `<attr>-optimized` beside it.
  place =
    attr: package:
    let
      scope = (settings attr).scope or "replace";
    in
    if scope == "replace" then
      { ${attr} = package; }
    else if scope == "add" then
      { "${attr}-optimized" = package; }
    else
      throw "rtopt: packages.${attr}.scope = \"${scope}\" must be \"replace\" or \"add\"";

  oneOf =
    attr: field: allowed: value:
    if builtins.elem value allowed then
      value
    else
      throw "rtopt: packages.${attr}.${field} = \"${toString value}\" must be one of ${toString allowed}";

  # `value` of a runtime that these overlays do not train. A level that nobody reads would be a wish unheard.
  untrained =
    attr: value:
    builtins.seq (oneOf attr "pgoLevel" [ "NONE" ] ((settings attr).pgoLevel or "NONE")) value;

  # `env` of a package with words appended to variables that hold lists of flags. What the package had stays, and
  # comes first, so that ours win where the last one counts.
  appendToEnv =
    env: additions:
    env
    // builtins.mapAttrs (name: words: toString (lib.optional (env ? ${name}) env.${name} ++ words)) (
      lib.filterAttrs (_: words: words != [ ]) additions
    );

  # As `appendToEnv`, for variables that older nixpkgs gives as plain attributes: each stays where the package has it,
  # since naming it in both places is an error, and goes into `env` if it is new.
  appendFlags =
    old: additions:
    let
      plain = lib.filterAttrs (name: _: old ? ${name}) additions;
      exported = lib.filterAttrs (name: _: !(old ? ${name})) additions;
    in
    builtins.intersectAttrs plain (appendToEnv old plain)
    // {
      env = appendToEnv (old.env or { }) exported;
    };
}
