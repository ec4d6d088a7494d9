# Wrong: the platform also exports an empty RUSTFLAGS, which cargo takes for an answer: it looks no further, and the
# flags for the target are never read. https://github.com/NixOS/nixpkgs/pull/464992
# Refuted: rust/programs-target-cpu ("0 of").
_final: prev: {
  rustPlatform = prev.rustPlatform // {
    buildRustPackage =
      arguments:
      (prev.rustPlatform.buildRustPackage arguments).overrideAttrs (old: {
        env = (old.env or { }) // {
          RUSTFLAGS = "";
          CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS = "-Ctarget-cpu=x86-64-v3";
        };
      });
  };
}
