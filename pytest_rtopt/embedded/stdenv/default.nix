# The standard environment of the set: the compiler and tools of the host or of a toolchain, used as nixpkgs uses its own.
{
  lib,
  config ? { },
  system,
  compiler,
  # The name of a toolchain; null for the host's.
  toolchain ? null,
  gcc ? { },
}:
let
  tools = import ./tools.nix { inherit toolchain system; };
  inherit (tools) shell;

  # `env --default-signal`: CPython's training and other test suites fail where SIGINT is ignored, as it is in the
  # background jobs of some shells.
  runBash = script: {
    builder = "${tools.prefix}/bin/env";
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
      tools
      ;
  }) { defaultHardeningFlags = (import ./hardening.nix { inherit lib; }).default; };

  cc = lib.makeOverridable (import ./cc.nix {
    inherit
      lib
      system
      compiler
      runBash
      tools
      ;
    targetPlatform = platform;
  }) { inherit bintools; };
in
import ./generic.nix
  {
    inherit lib runBash;
    inherit (tools) path;
  }
  {
    inherit cc shell;
    mkDerivationFromStdenv = import ./make-derivation.nix { inherit lib config runBash; };
    inherit (tools) initialPath;
    preHook = ''
      export NIX_ENFORCE_NO_NATIVE="''${NIX_ENFORCE_NO_NATIVE-1}"
    ''
    # A toolchain's libc looks for C.UTF-8 in /usr otherwise.
    + lib.optionalString (tools.root != null) ''
      export LOCPATH="''${LOCPATH-${tools.prefix}/lib/locale}"
    '';
    buildPlatform = platform;
    hostPlatform = platform;
    targetPlatform = platform;
  }
