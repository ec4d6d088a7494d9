# The packages of an interpreter, and environments with some of them: `pkgs` and `withPackages` as in nixpkgs.
{
  stdenv,
  requireFile,
  python,
}:
let
  pkgs = {
    inherit python;

    packaging = stdenv.mkDerivation {
      pname = "python3.13-packaging";
      version = "25.0";
      src = requireFile {
        name = "packaging-25.0-py3-none-any.whl";
        sha256 = "29572ef2b1f17581046b3a2227d5c611fb25ec70ca1ba8554b24b0e69331a484";
      };
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
