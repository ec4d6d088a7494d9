# `rust_1_NN`: a scope whose packages find each other in it, while `rustPlatform` finds its compilers from outside.
{ packages, structured }:
let
  inherit (packages) lib stdenv makeRustPlatform;
  stockFlags = "-Ccodegen-units=10 -Clinker-features=-lld";
  withVariables =
    variables: attrs:
    stdenv.mkDerivation (
      attrs
      // (
        if structured then
          {
            __structuredAttrs = true;
            env = variables;
          }
        else
          variables
      )
    );
  prebuilt =
    name:
    stdenv.mkDerivation {
      pname = "${name}-bootstrap";
      version = "1.90.0";
    };
in
{
  packages = {
    prebuilt = {
      rustc = prebuilt "rustc";
      cargo = prebuilt "cargo";
      # What the compiler is bootstrapped from: of its own version in newer sets, and of the one before it in older ones.
      rustc-unwrapped = stdenv.mkDerivation {
        pname = "rustc-bootstrap";
        version = if structured then "1.91.1" else "1.90.0";
        src = builtins.toFile "rust-bootstrap-x86_64-unknown-linux-gnu.tar.gz" "";
      };
    };
    stable = lib.makeScope (more: lib.callPackageWith (packages // more)) (
      self:
      let
        bootstrap = self.buildRustPackages.overrideScope (_: _: packages.rust_1_91.packages.prebuilt);
      in
      {
        buildRustPackages = packages.rust_1_91.packages.stable;
        rustPlatform = makeRustPlatform { inherit (self.buildRustPackages) rustc cargo; };
        rustc-unwrapped = withVariables { RUSTFLAGS = stockFlags; } {
          pname = "rustc";
          version = "1.91.1";
          configureFlags = [ "--enable-vendor" ];
          nativeBuildInputs = [
            bootstrap.rustc
            bootstrap.cargo
          ];
          setupHook = builtins.toFile "setup-hook.sh" "";
          passthru = {
            src = "the source of the compiler";
            llvmPackages = "LLVM of the compiler's version";
          };
        };
        rustc = stdenv.mkDerivation {
          pname = "rustc-wrapper";
          version = "1.91.1";
          buildCommand = ''
            ln -s ${self.rustc-unwrapped}/bin $out/bin
          '';
        };
        cargo = lib.makeOverridable (
          {
            auditable ? true,
          }:
          # Newer sets leave RUSTFLAGS unset, so that others are not shadowed.
          withVariables (if structured then { } else { RUSTFLAGS = "-Clinker-features=-lld"; }) {
            pname = "cargo";
            version = "1.91.1";
            nativeBuildInputs = [ bootstrap.rustc ];
            inherit auditable;
          }
        ) { };
        cargo-auditable = stdenv.mkDerivation {
          pname = "cargo-auditable";
          version = "0.7.0";
          nativeBuildInputs = [ (self.cargo.override { auditable = false; }) ];
        };
        # It needs the compiler's own libraries.
        rustfmt = stdenv.mkDerivation {
          pname = "rustfmt";
          version = "1.91.1";
          buildInputs = [ self.rustc-unwrapped ];
        };
      }
    );
  };
}
