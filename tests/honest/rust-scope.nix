# A setup hook of the compiler, in the scope that rustPlatform takes its compilers from, for whatever version there is.
_final: prev:
let
  inherit (prev) lib;
  withHook =
    rustc:
    rustc.overrideAttrs (old: {
      buildCommand = old.buildCommand + ''
        mkdir -p $out/nix-support
        cat > $out/nix-support/setup-hook <<'HOOK'
        export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C target-cpu=x86-64-v3"
        HOOK
      '';
    });
in
lib.genAttrs (lib.filter (name: builtins.match "rust_1_[0-9]+" name != null) (lib.attrNames prev)) (
  name:
  prev.${name}
  // {
    packages = prev.${name}.packages // {
      stable = prev.${name}.packages.stable.overrideScope (
        _final: prev: {
          rustc = withHook prev.rustc;
        }
      );
    };
  }
)
