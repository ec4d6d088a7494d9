# Wrong: NIX_RUSTFLAGS is appended to every call of rustc, those for build scripts and procedural macros included, which
# run on whatever machine builds.
# Refuted: rust/build-scripts-left-alone ("was compiled with avx").
final: prev: {
  rustc = prev.rustc.overrideAttrs (old: {
    buildCommand = old.buildCommand + ''
      mkdir -p $out/nix-support
      echo 'export NIX_RUSTFLAGS="-Ctarget-cpu=x86-64-v3"' > $out/nix-support/setup-hook
    '';
  });
  rustPlatform = prev.makeRustPlatform { inherit (final) rustc cargo; };
}
