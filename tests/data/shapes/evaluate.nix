# What an overlay can change in a package set, and what is built with that: a derivation for each. The set is one of
# the shapes, or a whole nixpkgs.
{ case }:
let
  asked = builtins.fromJSON case;
  setWith =
    overlays:
    if asked ? nixpkgs then
      import (/. + asked.nixpkgs) { inherit overlays; }
    else
      import ./. {
        inherit (asked)
          embedded
          shape
          system
          compiler
          without
          ;
        inherit overlays;
      };
  packages = setWith (map (entry: import (/. + entry.file) entry.argument) asked.overlays);

  # Names are chosen in the set without overlays, so that what an overlay throws is not taken for an absence.
  plain = setWith [ ];
  usable = name: plain ? ${name} && (builtins.tryEval plain.${name}).success;
  first = names: builtins.head (builtins.filter usable names);
  attrs = rec {
    go = first [
      "go_1_24"
      "go_1_26"
      "go_1_25"
    ];
    goModule = "build${builtins.replaceStrings [ "go_" "_" ] [ "Go" "" ] go}Module";
    nodejs = first [
      "nodejs_24"
      "nodejs_22"
    ];
    nodejsCompiling =
      if plain.${nodejs}.override.__functionArgs or { } ? nodejs-slim then
        builtins.replaceStrings [ "nodejs_" ] [ "nodejs-slim_" ] nodejs
      else
        nodejs;
    python = "python313";
    rust = first (
      builtins.filter (name: builtins.match "rust_1_[0-9]+" name != null) (builtins.attrNames plain)
    );
  };

  empty = builtins.toFile "source" "";
  program = {
    pname = "program";
    version = "1";
    src = empty;
  };
  withGo = build: build (program // { vendorHash = null; });
  withRust = platform: platform.buildRustPackage (program // { cargoDeps = empty; });
  ofPython = prefix: python: {
    "${prefix}" = python;
    "${prefix}/packages" = python.pkgs.python;
    "${prefix}/environment" = python.withPackages (_: [ ]);
  };
  ofRust = prefix: scope: {
    "${prefix}" = scope.rustc-unwrapped;
    "${prefix}/wrapper" = scope.rustc;
    "${prefix}/cargo" = scope.cargo;
    "${prefix}/auditable" = scope.cargo-auditable;
    "${prefix}/rustfmt" = scope.rustfmt;
    "${prefix}/program" = withRust scope.rustPlatform;
  };
  using =
    package:
    packages.stdenv.mkDerivation {
      name = "uses-it";
      nativeBuildInputs = [ package ];
    };

  standing = {
    go = packages.${attrs.go};
    "go/program" = withGo packages.${attrs.goModule};
    nodejs = packages.${attrs.nodejsCompiling};
    "nodejs/command" = packages.${attrs.nodejs};
    "nodejs/program" = using packages.${attrs.nodejs};
  }
  // ofPython "python" packages.${attrs.python}
  // ofRust "rust" packages;

  added =
    builtins.foldl'
      (
        found: name:
        found
        // (
          if builtins.match "rust-.*" name != null then
            ofRust name packages.${name}.packages.stable
          else if builtins.match "python.*" name != null then
            ofPython name packages.${name}
          else
            { ${name} = packages.${name}; }
        )
      )
      { }
      (
        builtins.filter (name: builtins.match ".*[0-9]-optimized|rust-optimized" name != null) (
          builtins.attrNames packages
        )
      );

  paths = builtins.mapAttrs (_: package: builtins.unsafeDiscardStringContext package.drvPath);
in
{
  inherit attrs;
  standing = paths standing;
  added = paths added;
}
