# Wrong: -Ctarget-cpu=native is filtered by nothing. The hash names no processor, and what comes out depends on the
# machine that happened to build it. https://github.com/NixOS/nixpkgs/issues/528502
# Refuted: rust/programs-target-cpu ("the code depends on the machine that builds, but the hash does not").
_final: prev: {
  rustPlatform = prev.rustPlatform // {
    buildRustPackage =
      arguments:
      (prev.rustPlatform.buildRustPackage arguments).overrideAttrs (old: {
        env = (old.env or { }) // {
          CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS = "-Ctarget-cpu=native";
        };
      });
  };
}
