# The rustc and cargo of the host or of a toolchain, in the scope that nixpkgs keeps its own in: `rust_1_NN.packages.stable`.
#
# Nothing here compiles a compiler: `rustc-unwrapped` and `cargo` are marked as prebuilt. What is built with them is
# built as nixpkgs does: see rust-platform.nix.
{
  lib,
  stdenv,
  newScope,
  makeRustPlatform,
  # Where their `bin` is.
  prefix,
  # What rustc says of itself, as "rustc 1.85.0 (…)"; a part of every derivation.
  identity,
  # The scope that `rustPlatform` finds its compilers in.
  buildRustPackages,
}:
let
  version = lib.elemAt (lib.splitString " " identity) 1;

  prebuilt =
    name: extra:
    stdenv.mkDerivation (
      {
        pname = name;
        inherit version identity;
        dontUnpack = true;
        dontBuild = true;
        passthru.prebuilt = true;
        meta.mainProgram = name;
      }
      // extra
    );
in
{
  packages.stable = lib.makeScope newScope (self: {
    inherit buildRustPackages;

    rustc-unwrapped = prebuilt "rustc" {
      pname = "rustc-unwrapped";
      installPhase = ''
        mkdir -p $out/bin
        ln -s ${prefix}/bin/rustc $out/bin/rustc
      '';
    };

    # As nixpkgs' wrapper, which appends NIX_RUSTFLAGS to every call, those of build scripts included.
    rustc = prebuilt "rustc" {
      pname = "rustc-wrapper";
      wrapper = ''
        #!${stdenv.shell}
        exec ${self.rustc-unwrapped}/bin/rustc "$@" ''${NIX_RUSTFLAGS-}
      '';
      buildCommand = ''
        mkdir -p $out/bin
        printf '%s' "$wrapper" > $out/bin/rustc
        chmod +x $out/bin/rustc
      '';
      passthru = {
        prebuilt = self.rustc-unwrapped.prebuilt or false;
        unwrapped = self.rustc-unwrapped;
      };
    };

    # Its setup hook is that of nixpkgs' cargo: a home that can be written to.
    cargo = prebuilt "cargo" {
      setupHook = ./rust-hooks/cargo-home.sh;
      installPhase = ''
        mkdir -p $out/bin
        ln -s ${prefix}/bin/cargo $out/bin/cargo
      '';
    };

    rustPlatform = makeRustPlatform { inherit (self.buildRustPackages) rustc cargo; };
  });
}
