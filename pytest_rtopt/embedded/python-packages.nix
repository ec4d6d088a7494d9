# The packages of an interpreter, and environments with some of them: `pkgs` and `withPackages` as in nixpkgs.
{
  lib,
  stdenv,
  newScope,
  sources,
  python,
  packageOverrides,
  pythonPackagesExtensions,
}:
let
  # As `overrideAttrs` has them here, since packages are made by `mkDerivation` alone.
  overridable =
    package:
    package
    // {
      overridePythonAttrs =
        change:
        overridable (package.overrideAttrs (old: if lib.isFunction change then change old else change));
    };
  packages = self: {
    inherit python;

    packaging = overridable (
      stdenv.mkDerivation {
        pname = "python3.13-packaging";
        inherit (sources.packaging) version src;
        sourceRoot = "packaging";
        nativeBuildInputs = [ self.python ];
        buildPhase = "python3 -I -m compileall -q --invalidation-mode unchecked-hash .";
        installPhase = ''
          mkdir -p $out/${python.sitePackages}
          cp -r . $out/${python.sitePackages}/packaging
        '';
      }
    );
  };
  pkgs = lib.makeScope newScope (
    lib.extends (lib.composeManyExtensions (pythonPackagesExtensions ++ [ packageOverrides ])) packages
  );

  # An environment in the sense of PEP 405: the interpreter is a link, and `pyvenv.cfg` beside it says where the packages
  # are. nixpkgs wraps the interpreter instead; what runs is the same.
  buildEnv = lib.makeOverridable (
    {
      extraLibs ? [ ],
      ignoreCollisions ? false,
      postBuild ? "",
    }:
    stdenv.mkDerivation {
      pname = "python3-env";
      version = "3.13";
      dontUnpack = true;
      dontBuild = true;
      packages = extraLibs;
      installPhase = ''
        mkdir -p $out/bin $out/${python.sitePackages}
        for name in python3.13 python3 python; do
          ln -s ${python}/bin/python3.13 $out/bin/$name
        done
        printf 'home = %s\nversion = 3.13\n' ${python}/bin > $out/pyvenv.cfg
        for package in $packages; do
          ln -s ${lib.optionalString ignoreCollisions "-f "}$package/${python.sitePackages}/* $out/${python.sitePackages}/
        done
        ${postBuild}
      '';
    }
  ) { };
in
{
  inherit pkgs buildEnv;
  withPackages = choose: buildEnv.override { extraLibs = choose pkgs; };
}
