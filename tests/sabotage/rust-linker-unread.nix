# Wrong: rustc links by calling the compiler and reads no LDFLAGS.
# Refuted: rust/linker ("programs were not linked by gold").
final: prev: {
  rustc = prev.rustc.overrideAttrs (old: {
    buildCommand = old.buildCommand + ''
      mkdir -p $out/nix-support
      echo 'export LDFLAGS="-fuse-ld=gold"' > $out/nix-support/setup-hook
    '';
  });
  rustPlatform = prev.makeRustPlatform { inherit (final) rustc cargo; };
}
