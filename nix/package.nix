# pytest-rtopt as a package: python3Packages.callPackage ./nix/package.nix { }
{
  lib,
  buildPythonPackage,
  hatchling,
  makeWrapper,
  python,
  archspec,
  cryptography,
  filelock,
  iced-x86,
  jinja2,
  numpy,
  packaging,
  platformdirs,
  psutil,
  py-cpuinfo,
  pyelftools,
  pytest,
  pytest-benchmark,
  pytest-xdist,
  rich,
  scipy,
}:
let
  inherit (fromTOML (builtins.readFile ../pyproject.toml)) project;
in
buildPythonPackage rec {
  pname = project.name;
  inherit (project) version;
  pyproject = true;
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../LICENSE
      ../README.md
      ../bin/rtopt-gate
      ../overlays
      ../profiles
      ../pyproject.toml
      ../pytest_rtopt
      ../suites
    ];
  };
  build-system = [ hatchling ];
  # nixpkgs has one version of each; those that the project pins for pytest-benchmark's sake are checked by its tests.
  pythonRelaxDeps = true;
  dependencies = [
    archspec
    cryptography
    filelock
    iced-x86
    jinja2
    numpy
    packaging
    platformdirs
    psutil
    py-cpuinfo
    pyelftools
    pytest
    pytest-benchmark
    pytest-xdist
    rich
    scipy
  ];
  # `rtopt-gate` starts an isolated Python, which reads no PYTHONPATH. Instead, nixpkgs' Python reads NIX_PYTHONPATH, and
  # the wrapper sets it, whatever it was before.
  nativeBuildInputs = [ makeWrapper ];
  postFixup = ''
    makeWrapper ${python.interpreter} $out/libexec/rtopt/python3 \
      --set NIX_PYTHONPATH "$out/${python.sitePackages}:${python.pkgs.makePythonPath dependencies}"
    substituteInPlace $out/bin/rtopt-gate --replace-fail interpreter= interpreter=$out/libexec/rtopt/python3
  '';
  doInstallCheck = true;
  installCheckPhase = ''
    $out/bin/rtopt-gate --help > /dev/null
  '';
  pythonImportsCheck = [ "pytest_rtopt.gate_command" ];
  meta = {
    inherit (project) description;
    license = lib.licenses.mit;
    mainProgram = "rtopt-gate";
    platforms = [ "x86_64-linux" ];
  };
}
