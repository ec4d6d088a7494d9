# Wrong: programs for a processor of 2015 (bdver4: TBM, XOP, FMA4), whose instructions no later one has.
# https://github.com/rjwalters/vibesql/issues/2668
# Refuted: rust/isa-runs-here ("the CPU does not have it").
_final: prev: {
  rustPlatform = prev.rustPlatform // {
    buildRustPackage =
      arguments:
      (prev.rustPlatform.buildRustPackage arguments).overrideAttrs (old: {
        env = (old.env or { }) // {
          CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS = "-Ctarget-cpu=bdver4";
        };
      });
  };
}
