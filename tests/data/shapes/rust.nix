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
        };
        rustc = stdenv.mkDerivation {
          pname = "rustc-wrapper";
          version = "1.91.1";
          buildCommand = ''
            ln -s ${self.rustc-unwrapped}/bin $out/bin
          '';
        };
        cargo =
          # Newer sets leave RUSTFLAGS unset, so that others are not shadowed.
          withVariables (if structured then { } else { RUSTFLAGS = "-Clinker-features=-lld"; }) {
            pname = "cargo";
            version = "1.91.1";
            nativeBuildInputs = [ bootstrap.rustc ];
          };
      }
    );
  };
}
