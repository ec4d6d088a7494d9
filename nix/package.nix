# pytest-rtopt as a package: python3Packages.callPackage ./nix/package.nix { }
{
  lib,
  buildPythonPackage,
  hatchling,
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
buildPythonPackage {
  pname = project.name;
  inherit (project) version;
  pyproject = true;
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../LICENSE
      ../README.md
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
  pythonImportsCheck = [ "pytest_rtopt.gate_command" ];
  meta = {
    inherit (project) description;
    license = lib.licenses.mit;
    mainProgram = "rtopt-gate";
    platforms = [ "x86_64-linux" ];
  };
}
