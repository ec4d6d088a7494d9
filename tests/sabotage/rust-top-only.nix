# Wrong: the rustc at the top is overridden, and rustPlatform takes its own from `rust_1_NN.packages.stable`: who calls
# `rustc` has the hook, and no program that the set builds is the CPU's.
# Refuted: rust/toolchain-reaches-platform ("is built with … rustc-wrapper"), rust/programs-target-cpu ("0 of").
_final: prev: {
  rustc = prev.rustc.overrideAttrs (old: {
    buildCommand = old.buildCommand + ''
      mkdir -p $out/nix-support
      echo 'export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-Ctarget-cpu=x86-64-v3"' > $out/nix-support/setup-hook
    '';
  });
}
