# Wrong: features whose names are misspelt are ignored with a warning, and the build ends well.
# https://github.com/rust-lang/rust/issues/51721 tells it of processors.
# Refuted: rust/programs-target-cpu ("0 of").
_final: prev: {
  rustPlatform = prev.rustPlatform // {
    buildRustPackage =
      arguments:
      (prev.rustPlatform.buildRustPackage arguments).overrideAttrs (old: {
        env = (old.env or { }) // {
          CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS = "-Ctarget-feature=+avx-2,+bmi-2,+f-m-a";
        };
      });
  };
}
