# Flags for one program, and for no runtime.
_self: super:
let
  withRustNative =
    package:
    package.overrideAttrs (old: {
      RUSTFLAGS =
        old.RUSTFLAGS or "" + " -Ctarget-cpu=native -Copt-level=3 -Cdebuginfo=0 -Ccodegen-units=1";
    });
in
{
  hello-rs = withRustNative (
    super.rustPlatform.buildRustPackage {
      pname = "hello-rs";
      version = "1.0.0";
      src = builtins.path {
        name = "hello-rs";
        path = ./hello-rs;
      };
      cargoLock.lockFile = ./hello-rs/Cargo.lock;
    }
  );
}
