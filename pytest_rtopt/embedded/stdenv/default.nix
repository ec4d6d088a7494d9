# The standard environment of the set: the host's compiler and tools, used as nixpkgs uses its own.
{
  lib,
  config ? { },
  system,
  compiler,
  gcc ? { },
}:
let
  shell = "/bin/bash";

  # `env --default-signal`: CPython's training and other test suites fail where SIGINT is ignored, as it is in the
  # background jobs of some shells.
  runBash = script: {
    builder = "/usr/bin/env";
    args = [
      "--default-signal"
      shell
      "-e"
      script
    ];
  };

  platform = import ./platform.nix {
    inherit lib system gcc;
  };

  bintools = lib.makeOverridable (import ./bintools.nix {
    inherit
      system
      compiler
      runBash
      shell
      ;
  }) { defaultHardeningFlags = (import ./hardening.nix { inherit lib; }).default; };

  cc = lib.makeOverridable (import ./cc.nix {
    inherit
      lib
      system
      compiler
      runBash
      shell
      ;
    targetPlatform = platform;
  }) { inherit bintools; };
in
import ./generic.nix { inherit lib runBash; } {
  inherit cc shell;
  mkDerivationFromStdenv = import ./make-derivation.nix { inherit lib config runBash; };
  initialPath = [
    "/usr"
    "/"
  ];
  preHook = ''
    export NIX_ENFORCE_NO_NATIVE="''${NIX_ENFORCE_NO_NATIVE-1}"
  '';
  buildPlatform = platform;
  hostPlatform = platform;
  targetPlatform = platform;
}
