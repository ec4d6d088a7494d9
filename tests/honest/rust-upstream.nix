# A release of upstream's, as rustup has installed it, in the scope that rustPlatform takes its compilers from.
_final: prev:
let
  inherit (prev) lib;
  rustup = builtins.getEnv "RUSTUP_HOME";
  toolchains =
    /. + (if rustup == "" then builtins.getEnv "HOME" + "/.rustup" else rustup) + "/toolchains";
  # A link would be copied as a link.
  found = lib.filterAttrs (_: type: type == "directory") (builtins.readDir toolchains);
  releases = lib.filter (name: builtins.match "1\\.[0-9.]+-x86_64-unknown-linux-gnu" name != null) (
    lib.attrNames found
  );
  installed = lib.last releases;
  toolchain = builtins.path {
    path = toolchains + "/${installed}";
    name = "rust-${installed}";
  };
  release =
    program:
    prev.runCommand "${program}-${installed}"
      {
        passthru.prebuilt = true;
      }
      ''
        mkdir -p $out/bin
        ln -s ${toolchain}/bin/${program} $out/bin/${program}
      '';
in
lib.genAttrs (lib.filter (name: builtins.match "rust_1_[0-9]+" name != null) (lib.attrNames prev)) (
  name:
  prev.${name}
  // {
    packages = prev.${name}.packages // {
      stable = prev.${name}.packages.stable.overrideScope (
        _final: _prev: {
          rustc-unwrapped = release "rustc";
          cargo = release "cargo";
        }
      );
    };
  }
)
