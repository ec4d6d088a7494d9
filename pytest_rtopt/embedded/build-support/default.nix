# Helpers that make small packages, with nixpkgs' names and meaning.
{
  lib,
  stdenv,
  stdenvNoCC,
}:
let
  runtimeShell = stdenv.shell;
  text = import ./text.nix {
    inherit
      lib
      stdenv
      runtimeShell
      runCommand
      ;
  };

  runCommandWith =
    {
      stdenv ? stdenvs.plain,
      runLocal ? false,
      derivationArgs ? { },
      name,
    }:
    buildCommand:
    stdenv.mkDerivation (
      {
        enableParallelBuilding = true;
        inherit buildCommand name;
        passAsFile = [ "buildCommand" ] ++ derivationArgs.passAsFile or [ ];
      }
      // lib.optionalAttrs runLocal {
        preferLocalBuild = true;
        allowSubstitutes = false;
      }
      // removeAttrs derivationArgs [ "passAsFile" ]
    );
  stdenvs.plain = stdenv;
  run =
    stdenv: runLocal: name: derivationArgs:
    runCommandWith {
      inherit
        stdenv
        runLocal
        name
        derivationArgs
        ;
    };
  runCommand = run stdenvNoCC false;

  makeSetupHook =
    {
      name ? "hook",
      propagatedBuildInputs ? [ ],
      propagatedNativeBuildInputs ? [ ],
      meta ? { },
      passthru ? { },
      substitutions ? { },
    }:
    script:
    runCommand name
      (
        substitutions
        // {
          __structuredAttrs = false;
          strictDeps = true;
          inherit
            meta
            passthru
            propagatedBuildInputs
            propagatedNativeBuildInputs
            ;
        }
      )
      ''
        mkdir -p $out/nix-support
        cp ${script} $out/nix-support/setup-hook
        recordPropagatedDependencies
        ${lib.optionalString (substitutions != { }) "substituteAll ${script} $out/nix-support/setup-hook"}
      '';
in
text
// {
  inherit
    runtimeShell
    runCommand
    runCommandWith
    makeSetupHook
    ;
  runCommandLocal = run stdenvNoCC true;
  runCommandCC = run stdenv false;

  makeWrapper = makeSetupHook {
    name = "make-shell-wrapper-hook";
    substitutions.shell = runtimeShell;
  } ./make-wrapper.sh;
  makeShellWrapper = makeSetupHook {
    name = "make-shell-wrapper-hook";
    substitutions.shell = runtimeShell;
  } ./make-wrapper.sh;
  makeBinaryWrapper = makeSetupHook {
    name = "make-binary-wrapper-hook";
    substitutions.cc = "${stdenv.cc}/bin/cc";
  } ./make-binary-wrapper.sh;

  # The files of several packages as links, in directories that can be changed by `postBuild`.
  symlinkJoin =
    {
      name ?
        assert lib.assertMsg (
          arguments ? pname && arguments ? version
        ) "symlinkJoin requires either a `name` OR `pname` and `version`";
        "${arguments.pname}-${arguments.version}",
      paths,
      stripPrefix ? "",
      preferLocalBuild ? true,
      allowSubstitutes ? false,
      postBuild ? "",
      failOnMissing ? stripPrefix == "",
      ...
    }@arguments:
    let
      below =
        path:
        if path == null then
          null
        else if builtins.isList path then
          map below path
        else
          "${path}${stripPrefix}";
    in
    assert lib.assertMsg (stripPrefix != "" -> lib.hasPrefix "/" stripPrefix && stripPrefix != "/") ''
      stripPrefix must be either an empty string (disable stripping behavior), or relative path prefixed with /.

      Ensure that the path starts with / and specifies path to the subdirectory.
    '';
    runCommand name
      (
        removeAttrs arguments [
          "name"
          "postBuild"
          "stripPrefix"
          "paths"
          "failOnMissing"
        ]
        // {
          inherit preferLocalBuild allowSubstitutes;
          paths = map below paths;
          passAsFile = [ "paths" ];
        }
      )
      ''
        mkdir -p $out
        for i in $(cat $pathsPath); do
          ${lib.optionalString (!failOnMissing) "if test -d $i; then "}bash ${./link-tree.sh} $i $out${
            lib.optionalString (!failOnMissing) "; fi"
          }
        done
        ${postBuild}
      '';

  linkFarm =
    name: entries:
    let
      links =
        if builtins.isList entries then
          lib.listToAttrs (map (entry: lib.nameValuePair entry.name entry.path) (lib.reverseList entries))
        else
          entries;
    in
    runCommand name
      {
        preferLocalBuild = true;
        allowSubstitutes = false;
        passthru.entries = links;
      }
      ''
        mkdir -p $out
        cd $out
        ${lib.concatStrings (
          lib.mapAttrsToList (link: path: ''
            mkdir -p -- "$(dirname -- ${lib.escapeShellArg link})"
            ln -s -- ${lib.escapeShellArg "${path}"} ${lib.escapeShellArg link}
          '') links
        )}
      '';

  # A source with patches and hooks applied to it; the source itself where there are none.
  applyPatches =
    {
      src,
      name ?
        (
          if builtins.isPath src then
            baseNameOf src
          else if src ? name then
            src.name
          else
            throw "applyPatches: please supply a `name` argument because a default name can only be computed when the `src` is a path or is an attribute set with a `name` attribute."
        )
        + "-patched",
      patches ? [ ],
      prePatch ? "",
      postPatch ? "",
      ...
    }@arguments:
    if patches == [ ] && prePatch == "" && postPatch == "" then
      src
    else
      stdenvNoCC.mkDerivation (
        {
          inherit
            name
            src
            patches
            prePatch
            postPatch
            ;
          preferLocalBuild = true;
          allowSubstitutes = false;
          phases = "unpackPhase patchPhase installPhase";
          installPhase = "cp -R ./ $out";
        }
        // removeAttrs arguments [
          "src"
          "name"
          "patches"
          "prePatch"
          "postPatch"
        ]
      );
}
