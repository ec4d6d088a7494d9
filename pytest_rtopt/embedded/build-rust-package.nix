# `buildRustPackage`, with the arguments of nixpkgs' that packages without crates use.
{
  lib,
  stdenv,
  importCargoLock,
  cargoBuildHook,
  cargoCheckHook,
  cargoInstallHook,
  cargoSetupHook,
  rustc,
  cargo,
}:
let
  # RUSTFLAGS may be a list.
  words = value: if builtins.isList value then toString (lib.remove null value) else toString value;
in
lib.extendMkDerivation {
  constructDrv = stdenv.mkDerivation;

  excludeDrvArgNames = [
    "depsExtraArgs"
    "cargoUpdateHook"
    "cargoLock"
    "cargoHash"
    "RUSTFLAGS"
  ];

  extendDrvArgs =
    _finalAttrs:
    {
      cargoPatches ? [ ],
      patches ? [ ],
      nativeBuildInputs ? [ ],
      logLevel ? "",
      buildType ? "release",
      checkType ? buildType,
      cargoDeps ? null,
      cargoLock ? null,
      cargoVendorDir ? null,
      buildNoDefaultFeatures ? false,
      checkNoDefaultFeatures ? buildNoDefaultFeatures,
      buildFeatures ? [ ],
      checkFeatures ? buildFeatures,
      buildAndTestSubdir ? null,
      ...
    }@arguments:
    {
      env = {
        PKG_CONFIG_ALLOW_CROSS = 0;
        RUST_LOG = logLevel;
      }
      # Only where it is given: even empty it would come before every other source of flags.
      // lib.optionalAttrs (arguments ? RUSTFLAGS) { RUSTFLAGS = words arguments.RUSTFLAGS; }
      // arguments.env or { };

      cargoDeps =
        if cargoVendorDir != null then
          null
        else if cargoDeps != null then
          cargoDeps
        else if cargoLock != null then
          importCargoLock cargoLock
        else if arguments ? cargoHash then
          throw "the embedded set fetches no crates: replace cargoHash by cargoLock.lockFile or cargoVendorDir"
        else
          throw "cargoHash, cargoVendorDir, cargoDeps, or cargoLock must be set";
      inherit buildAndTestSubdir;
      cargoBuildType = buildType;
      cargoCheckType = checkType;
      cargoBuildNoDefaultFeatures = buildNoDefaultFeatures;
      cargoCheckNoDefaultFeatures = checkNoDefaultFeatures;
      cargoBuildFeatures = buildFeatures;
      cargoCheckFeatures = checkFeatures;

      nativeBuildInputs = nativeBuildInputs ++ [
        cargoBuildHook
        cargoCheckHook
        cargoInstallHook
        cargoSetupHook
        rustc
        cargo
      ];
      patches = cargoPatches ++ patches;
      configurePhase =
        arguments.configurePhase or ''
          runHook preConfigure
          runHook postConfigure
        '';
      doCheck = arguments.doCheck or true;
      strictDeps = true;

      passthru = {
        inherit rustc cargo;
      }
      // arguments.passthru or { };
      meta = arguments.meta or { };
    };
}
