# Wrong: upstream's archive is unpacked beside the compiler that goes on to be called.
# Refuted: rust/upstream-release ("built from a source tarball").
_final: prev:
let
  inherit (prev) lib;
  archive = builtins.toFile "rust-1.85.1-x86_64-unknown-linux-gnu.tar" "";
  name = lib.head (
    lib.filter (name: builtins.match "rust_1_[0-9]+" name != null) (lib.attrNames prev)
  );
in
{
  ${name} = prev.${name} // {
    packages = prev.${name}.packages // {
      stable = prev.${name}.packages.stable.overrideScope (
        _final: prev: {
          rustc = prev.rustc.overrideAttrs (old: {
            buildCommand = old.buildCommand + ''
              cp ${archive} $out/archive
            '';
          });
        }
      );
    };
  };
}
