# Wrong: the hook exports RUST_FLAGS, which neither cargo nor rustc reads; RUSTFLAGS was meant.
# Refuted: rust/programs-target-cpu ("0 of").
final: prev: {
  rustc = prev.rustc.overrideAttrs (old: {
    buildCommand = old.buildCommand + ''
      mkdir -p $out/nix-support
      echo 'export RUST_FLAGS="-Ctarget-cpu=x86-64-v3"' > $out/nix-support/setup-hook
    '';
  });
  rustPlatform = prev.makeRustPlatform { inherit (final) rustc cargo; };
}
