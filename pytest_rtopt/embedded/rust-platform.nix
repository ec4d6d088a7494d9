# `makeRustPlatform`: builds packages with a rustc and a cargo, with hooks that do what nixpkgs' do. Crates come from a
# vendored directory in the source; the set fetches none.
{
  lib,
  stdenv,
  newScope,
  runCommand,
  makeSetupHook,
}:
let
  defaultStdenv = stdenv;

  # A directory of no crates, for a lock file that names none.
  importCargoLock =
    {
      lockFile ? null,
      lockFileContents ? builtins.readFile lockFile,
      ...
    }:
    let
      crates = lib.filter (package: package ? source) (
        (builtins.fromTOML lockFileContents).package or [ ]
      );
    in
    if crates != [ ] then
      throw "the embedded set fetches no crates, and Cargo.lock names ${(lib.head crates).name}: put them into the source (`cargo vendor`) and set cargoVendorDir"
    else
      runCommand "cargo-vendor-dir"
        {
          inherit lockFileContents;
          passAsFile = [ "lockFileContents" ];
        }
        ''
          mkdir -p $out
          cp "$lockFileContentsPath" $out/Cargo.lock
        '';

  hooks =
    stdenv:
    let
      inherit (stdenv.hostPlatform.rust) rustcTargetSpec cargoEnvVarTarget cargoShortTarget;
      cc = "${stdenv.cc}/bin/cc";
      cxx = "${stdenv.cc}/bin/c++";
      setEnv = toString [
        "CC_${cargoEnvVarTarget}=${cc}"
        "CXX_${cargoEnvVarTarget}=${cxx}"
        "CARGO_TARGET_${cargoEnvVarTarget}_LINKER=${cc}"
        "CARGO_BUILD_TARGET=${rustcTargetSpec}"
        "HOST_CC=${cc}"
        "HOST_CXX=${cxx}"
      ];
      hook =
        name: substitutions: script:
        makeSetupHook { inherit name substitutions; } script;
    in
    {
      cargoBuildHook = hook "cargo-build-hook.sh" {
        inherit rustcTargetSpec setEnv;
      } ./rust-hooks/cargo-build.sh;
      cargoCheckHook = hook "cargo-check-hook.sh" {
        inherit rustcTargetSpec setEnv;
      } ./rust-hooks/cargo-check.sh;
      cargoInstallHook = hook "cargo-install-hook.sh" {
        targetSubdirectory = cargoShortTarget;
      } ./rust-hooks/cargo-install.sh;
      cargoSetupHook = hook "cargo-setup-hook.sh" {
        defaultConfig = ./rust-hooks/default-config.toml;
        # As nixpkgs has it since 25.11: programs keep frame pointers, where RUSTFLAGS or the target's variable do not
        # replace the list. https://github.com/NixOS/nixpkgs/pull/420797
        cargoConfig = ''
          [target."${rustcTargetSpec}"]
          "linker" = "${cc}"
          "rustflags" = [ "-Cforce-frame-pointers=yes" ]
        '';
      } ./rust-hooks/cargo-setup.sh;
    };
in
{
  rustc,
  cargo,
  stdenv ? defaultStdenv,
  ...
}:
lib.makeScope newScope (
  self:
  hooks stdenv
  // {
    inherit importCargoLock;

    buildRustPackage = self.callPackage ./build-rust-package.nix { inherit stdenv rustc cargo; };
  }
)
