# A standard environment: what its builds start with, and `mkDerivation` with it. It can be made again with other
# arguments (`stdenv.override`), as adapters do.
{
  lib,
  runBash,
  # Where its own builder finds programs.
  path,
}:
let
  make =
    {
      name ? "stdenv",
      cc,
      hasCC ? cc != null,
      shell,
      initialPath,
      preHook ? "",
      setupScript ? ./setup,
      extraNativeBuildInputs ? [ ],
      extraBuildInputs ? [ ],
      extraAttrs ? { },
      overrides ? (_: _: { }),
      allowedRequisites ? null,
      disallowedRequisites ? [ ],
      buildPlatform,
      hostPlatform,
      targetPlatform,
      # `mkDerivation` of the environment that it is given, which is the final one. Adapters change its results.
      mkDerivationFromStdenv,
    }@arguments:
    let
      stdenv = lib.makeOverridable make arguments;
      hostFacts = lib.filterAttrs (attr: _: lib.hasPrefix "is" attr) hostPlatform;
    in
    derivation (
      {
        inherit
          name
          shell
          initialPath
          preHook
          allowedRequisites
          disallowedRequisites
          ;
        inherit (buildPlatform) system;
        PATH = path;
        setup = setupScript;
        defaultNativeBuildInputs = extraNativeBuildInputs ++ lib.optional hasCC cc;
        defaultBuildInputs = extraBuildInputs;
        __ignoreNulls = true;
      }
      // runBash ./install-stdenv.sh
    )
    // hostFacts
    // {
      inherit
        buildPlatform
        hostPlatform
        targetPlatform
        extraNativeBuildInputs
        extraBuildInputs
        overrides
        cc
        hasCC
        shell
        ;
      inherit (hostPlatform) system;
      mkDerivation = mkDerivationFromStdenv stdenv;
      isCross = false;
      shellDryRun = "${shell} -n -O extglob";
      meta.description = "The default build environment of the embedded set";
    }
    // extraAttrs;
in
lib.makeOverridable make
