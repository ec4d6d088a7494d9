# Programs get their flags from the platform, as those of the target, which no build script sees; rustc stays stock's own.
_final: prev: {
  rustPlatform = prev.rustPlatform // {
    buildRustPackage =
      arguments:
      (prev.rustPlatform.buildRustPackage arguments).overrideAttrs (old: {
        env = (old.env or { }) // {
          CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS = "-Ctarget-cpu=x86-64-v3";
        };
      });
  };
}
