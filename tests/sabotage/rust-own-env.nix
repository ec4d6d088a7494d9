# Wrong: the name says skylake, and the flags stand in the environment of rustc's own derivation, which compiles nothing
# here and hands nothing on to the programs that it builds.
# Refuted: rust/programs-target-cpu ("0 of").
final: prev: {
  rustc = prev.rustc.overrideAttrs (old: {
    pname = "rustc-skylake";
    env = (old.env or { }) // {
      RUSTFLAGS = "-Ctarget-cpu=skylake";
    };
  });
  rustPlatform = prev.makeRustPlatform { inherit (final) rustc cargo; };
}
