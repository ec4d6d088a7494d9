# A small package set in the shape of nixpkgs, with real runtimes built by real compilers.
#
# It has what overlays rely on (the `final`/`prev` fixed point, `override`, `overrideAttrs`, `env`,
# `__structuredAttrs`, `stdenv.mkDerivation`, a compiler wrapper that reads what nixpkgs' reads), so that a whole
# run works without nixpkgs. `docs/architecture.md` says what differs from nixpkgs.
{
  overlays ? [ ],
  # As in nixpkgs, what a second import needs to be of the same packages: the compilers below are kept in it.
  config ? { },
  # What the compiler calls itself. It is a part of every derivation, so that another compiler of the host means another
  # build; a toolchain's is the hash of its packages besides.
  compiler ? config.compiler or "unknown",
  # The name of a file in ./toolchains, or null for the host's compilers and tools.
  toolchain ? config.toolchain or null,
  # What rustc says of itself; without one the set has no Rust.
  rust ? config.rust or null,
  system ? "x86_64-linux",
  # The machine that is built on and for, as in nixpkgs: `gcc.arch` and `gcc.tune` are for every C compilation.
  localSystem ? { },
}@arguments:
let
  config = (arguments.config or { }) // {
    inherit compiler rust toolchain;
  };
  lib = import ./lib.nix;
  # As in nixpkgs: rust_1_85 for "rustc 1.85.0 (…)".
  rustName = "rust_${
    lib.replaceStrings [ "." ] [ "_" ] (
      lib.versions.majorMinor (lib.elemAt (lib.splitString " " rust) 1)
    )
  }";

  packages =
    final:
    let
      newScope = more: lib.callPackageWith (final // { inherit lib config; } // more);
      callPackage = newScope { };
      # Not of an overlay: what changes flags is not for what compiles nothing.
      plainStdenv = import ./stdenv {
        inherit
          lib
          config
          compiler
          toolchain
          ;
        system = localSystem.system or system;
        gcc = localSystem.gcc or { };
      };
      extended = more: import ./. (arguments // { overlays = overlays ++ more; });
      adapters = import ./stdenv/adapters.nix;
    in
    adapters
    // import ./build-support {
      inherit lib;
      inherit (final) stdenv stdenvNoCC;
    }
    // lib.genAttrs [
      # Nothing is compiled for another machine.
      "pkgs"
      "buildPackages"
      "targetPackages"
      "pkgsBuildBuild"
      "pkgsBuildHost"
      "pkgsHostTarget"
    ] (_: final // { recurseForDerivations = false; })
    // {
      inherit
        lib
        callPackage
        newScope
        config
        ;
      callPackages = lib.callPackagesWith (final // { inherit lib config; });
      stdenvAdapters = adapters;
      inherit overlays;
      system = localSystem.system or system;
      appendOverlays = extended;
      extend = overlay: extended [ overlay ];
      inherit (final.stdenv) hostPlatform buildPlatform targetPlatform;
      path = ./.;

      stdenv =
        if config ? replaceStdenv then
          config.replaceStdenv {
            pkgs = import ./. (
              arguments
              // {
                overlays = [ ];
                config = removeAttrs config [ "replaceStdenv" ];
              }
            );
          }
        else
          plainStdenv;
      stdenvNoCC = plainStdenv.override {
        cc = null;
        hasCC = false;
      };
      requireFile = callPackage ./require-file.nix { inherit system; };
      # By name in ./sources.json: the version and the file.
      sources = lib.mapAttrs (
        _:
        {
          version,
          file,
          sha256,
          ...
        }:
        {
          inherit version;
          src = final.requireFile {
            name = file;
            inherit sha256;
          };
        }
      ) (builtins.fromJSON (lib.readFile ./sources.json));

      go = final.go_1_24;
      buildGo124Module = callPackage ./go-module.nix { go = final.go_1_24; };
      buildGoModule = final.buildGo124Module;

      nodejs = final.nodejs_24;

      pythonPackagesExtensions = [ ];
      python313 = callPackage ./python.nix { self = final.python313; };
      python313Packages = final.python313.pkgs;
    }
    # As in nixpkgs: `lua5_4` is by-name/lua5_4.nix.
    // lib.mapAttrs' (
      file: _: lib.nameValuePair (lib.removeSuffix ".nix" file) (callPackage (./by-name + "/${file}") { })
    ) (builtins.readDir ./by-name)
    // lib.optionalAttrs (rust != null) {
      makeRustPlatform = callPackage ./rust-platform.nix { };
      ${rustName} = import ./rust.nix {
        inherit lib;
        inherit (final) stdenv newScope makeRustPlatform;
        identity = rust;
        prefix =
          if toolchain == null then
            "/usr"
          else
            "${
              import ./toolchains/rust.nix {
                name = toolchain;
                inherit system;
              }
            }/usr";
        buildRustPackages = final.${rustName}.packages.stable;
      };
      rust = final.${rustName};
      rustPackages = final.rust.packages.stable;
      inherit (final.rustPackages)
        rustc
        rustc-unwrapped
        cargo
        rustPlatform
        ;
    };
in
lib.fix (
  lib.foldl' (set: overlay: lib.extends overlay set) packages (
    lib.optional (config ? packageOverrides) (_final: config.packageOverrides) ++ overlays
  )
)
