# Wrong: the platform gives its programs NIX_RUSTFLAGS, and with them their build scripts. The compiler is stock's own,
# which must not keep anybody from looking.
# Refuted: rust/build-scripts-left-alone ("was compiled with avx").
_final: prev: {
  rustPlatform = prev.rustPlatform // {
    buildRustPackage =
      arguments:
      (prev.rustPlatform.buildRustPackage arguments).overrideAttrs (old: {
        env = (old.env or { }) // {
          NIX_RUSTFLAGS = "-Ctarget-cpu=x86-64-v3";
        };
      });
  };
}
