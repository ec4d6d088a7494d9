# The packages of an interpreter, and environments with some of them: `pkgs` and `withPackages` as in nixpkgs.
{
  stdenv,
  sources,
  python,
}:
let
  pkgs = {
    inherit python;

    packaging = stdenv.mkDerivation {
      pname = "python3.13-packaging";
      inherit (sources.packaging) version src;
      sourceRoot = "packaging";
      nativeBuildInputs = [ python ];
      buildPhase = "python3 -I -m compileall -q --invalidation-mode unchecked-hash .";
      installPhase = ''
        mkdir -p $out/${python.sitePackages}
        cp -r . $out/${python.sitePackages}/packaging
      '';
    };
  };

  # An environment in the sense of PEP 405: the interpreter is a link, and `pyvenv.cfg` beside it says where the packages
  # are. nixpkgs wraps the interpreter instead; what runs is the same.
  withPackages =
    choose:
    stdenv.mkDerivation {
      pname = "python3-env";
      version = "3.13";
      dontUnpack = true;
      packages = choose pkgs;
      buildPhase = ":";
      installPhase = ''
        mkdir -p $out/bin $out/${python.sitePackages}
        for name in python3.13 python3 python; do
          ln -s ${python}/bin/python3.13 $out/bin/$name
        done
        printf 'home = %s\nversion = 3.13\n' ${python}/bin > $out/pyvenv.cfg
        for package in $packages; do
          ln -s $package/${python.sitePackages}/* $out/${python.sitePackages}/
        done
      '';
    };
in
{
  inherit pkgs withPackages;
}
