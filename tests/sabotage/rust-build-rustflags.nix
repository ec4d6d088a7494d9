# Wrong: cargo takes the flags of the target from its configuration, where nixpkgs' setup hook keeps frame pointers, and
# then looks at no build.rustflags, nor at the variable for it. One function for the flags of every language, as public
# configurations have it. https://github.com/NixOS/nixpkgs/pull/420797
# Refuted: rust/programs-target-cpu ("0 of").
_final: prev:
let
  inherit (prev.lib) optionalAttrs pipe;
  append = new: old: if builtins.isList old then toString (old ++ new) else toString ([ old ] ++ new);
  apply =
    {
      cflags ? [ ],
      rustflags ? [ ],
      goflags ? { },
    }:
    package:
    package.overrideAttrs (
      old:
      optionalAttrs (cflags != [ ]) {
        NIX_CFLAGS_COMPILE = append cflags (old.NIX_CFLAGS_COMPILE or null);
      }
      // optionalAttrs (rustflags != [ ]) {
        CARGO_BUILD_RUSTFLAGS = append rustflags (old.CARGO_BUILD_RUSTFLAGS or null);
      }
      // goflags
    );
  tuned = apply {
    cflags = [ "-march=x86-64-v3" ];
    goflags.GOAMD64 = "v3";
    rustflags = [ "-Ctarget-cpu=x86-64-v3" ];
  };
in
{
  rustPlatform = prev.rustPlatform // {
    buildRustPackage =
      arguments:
      pipe (prev.rustPlatform.buildRustPackage arguments) [
        tuned
        (apply { })
      ];
  };
}
