# `mkDerivation` of a standard environment: a derivation from what a package gives, and `overrideAttrs` on it.
{
  lib,
  config,
  runBash,
}:
stdenv:
let
  hardening = import ./hardening.nix { inherit lib; };

  exportable =
    value:
    builtins.isString value || builtins.isInt value || builtins.isBool value || lib.isDerivation value;

  # The attributes of the derivation, without `env`. What a package leaves out is there with its default, so that to
  # give the default changes nothing.
  argumentsOf =
    attrs:
    let
      structured = attrs.__structuredAttrs or false;
      doCheck = attrs.doCheck or false;
      doInstallCheck = attrs.doInstallCheck or false;
      enable = attrs.hardeningEnable or [ ];
      disable = attrs.hardeningDisable or [ ];
      inputs =
        name: more:
        map (input: if lib.isDerivation input then lib.getDev input else input) (
          lib.flatten (attrs.${name} or [ ] ++ more)
        );
    in
    removeAttrs attrs [
      "meta"
      "passthru"
      "pos"
      "env"
      "checkInputs"
      "installCheckInputs"
      "nativeCheckInputs"
      "nativeInstallCheckInputs"
      "args"
      "realBuilder"
    ]
    // lib.optionalAttrs (attrs ? name || attrs ? pname && attrs ? version) {
      name = lib.strings.sanitizeDerivationName (
        attrs.name or (
          assert lib.assertMsg (attrs.version != null) "The `version` attribute cannot be null.";
          "${attrs.pname}-${attrs.version}"
        )
      );
    }
    // {
      inherit (stdenv.buildPlatform) system;
      builder = attrs.realBuilder or (runBash ./source-stdenv.sh).builder;
      args =
        attrs.args or ((runBash ./source-stdenv.sh).args ++ [ (attrs.builder or ./default-builder.sh) ]);
      inherit stdenv doCheck doInstallCheck;
      userHook = config.stdenv.userHook or null;
      __ignoreNulls = true;
      __structuredAttrs = structured;
      strictDeps = attrs.strictDeps or false;
      outputs = attrs.outputs or [ "out" ];
      patches = attrs.patches or [ ];
      configureFlags = attrs.configureFlags or [ ];
      nativeBuildInputs = inputs "nativeBuildInputs" (
        lib.optionals doCheck attrs.nativeCheckInputs or [ ]
        ++ lib.optionals doInstallCheck attrs.nativeInstallCheckInputs or [ ]
      );
      buildInputs = inputs "buildInputs" (
        lib.optionals doCheck attrs.checkInputs or [ ]
        ++ lib.optionals doInstallCheck attrs.installCheckInputs or [ ]
      );
    }
    // lib.genAttrs [
      "depsBuildBuild"
      "depsBuildTarget"
      "depsHostHost"
      "depsTargetTarget"
      "propagatedNativeBuildInputs"
      "propagatedBuildInputs"
    ] (name: inputs name [ ])
    // lib.optionalAttrs (attrs.enableParallelBuilding or false) {
      enableParallelChecking = attrs.enableParallelChecking or true;
      enableParallelInstalling = attrs.enableParallelInstalling or true;
    }
    # Where nothing is said the compiler's setup hook exports the defaults.
    // lib.optionalAttrs (enable != [ ] || disable != [ ]) {
      NIX_HARDENING_ENABLE = toString (
        hardening.enabled {
          defaults = (if stdenv.hasCC then stdenv.cc else { }).defaultHardeningFlags or hardening.known;
          inherit enable disable;
        }
      );
    };

  # What is exported to the build, whatever attributes are otherwise.
  checkedEnv =
    attrs: arguments:
    let
      env =
        (attrs.env or { })
        // lib.optionalAttrs (attrs.meta.mainProgram or null != null) {
          NIX_MAIN_PROGRAM = attrs.meta.mainProgram;
        };
      show = lib.generators.toPretty { };
      overlaps = lib.concatMapStringsSep "\n" (
        name:
        "  - ${name}: in `env`: ${show env.${name}}; in derivation arguments: ${show arguments.${name}}"
      ) (lib.attrNames (builtins.intersectAttrs env arguments));
    in
    assert lib.assertMsg (builtins.isAttrs env && !lib.isDerivation (attrs.env or { }))
      "`env` must be an attribute set of environment variables. Set `env.env` or pick a more specific name.";
    assert lib.assertMsg (overlaps == "")
      "The `env` attribute set cannot contain any attributes passed to derivation. The following attributes are overlapping:\n${overlaps}";
    # Selected by name, so that Nix tells the place of a value that does not evaluate.
    lib.mapAttrs (
      name: _:
      let
        value = env.${name};
      in
      assert lib.assertMsg (exportable value)
        "The `env` attribute set can only contain derivation, string, boolean or integer attributes. The `${name}` attribute is of type ${builtins.typeOf value}.";
      value
    ) env;

  instantiate =
    overrideAttrs: attrs:
    let
      arguments = argumentsOf attrs;
      env = checkedEnv attrs arguments;
      passthru = attrs.passthru or { };
    in
    lib.extendDerivation true (
      {
        inherit passthru overrideAttrs;
        meta = {
          outputsToInstall = lib.take 1 arguments.outputs;
          available = true;
        }
        // attrs.meta or { };
      }
      // passthru
    ) (derivation (arguments // env // lib.optionalAttrs arguments.__structuredAttrs { inherit env; }));

  # A version that comes without its source is another name for the same program.
  warnOfVersion =
    args: prev: change: value:
    let
      position = builtins.unsafeGetAttrPos "version" change;
    in
    lib.warnIf
      (
        prev ? src
        && prev ? version
        && change ? version
        && !(change ? src)
        && !(change.__intentionallyOverridingVersion or false)
      )
      "${
        args.name or "${args.pname or "<unknown name>"}-${args.version or "<unknown version>"}"
      } was overridden with `version` but not `src` at ${
        if position == null then
          "<unknown file>"
        else
          "${position.file}:${toString position.line}:${toString position.column}"
      }."
      value;

  # `attrsOf` takes the final attributes, as in `mkDerivation (finalAttrs: …)`.
  extensible =
    attrsOf:
    let
      attrs = attrsOf (attrs // { inherit finalPackage overrideAttrs; });
      overrideAttrs =
        change:
        extensible (
          final:
          let
            prev = attrsOf final;
            new = lib.toExtension change final prev;
          in
          warnOfVersion attrs prev new (prev // removeAttrs new [ "__intentionallyOverridingVersion" ])
        );
      finalPackage = instantiate overrideAttrs attrs;
    in
    finalPackage;
in
attrs: extensible (lib.toFunction attrs)
