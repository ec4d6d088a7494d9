# Tiny packages of the embedded set, each about what a phase or a helper does. Each writes lines into `$out/text`.
{ embedded }:
let
  packages = import embedded { compiler = "test"; };
  inherit (packages) lib stdenv;

  phased =
    attrs:
    stdenv.mkDerivation (
      {
        name = "phased";
        dontUnpack = true;
        dontBuild = true;
      }
      // attrs
    );
  say = script: ''
    mkdir -p $out
    {
      ${script}
    } > $out/text
  '';

  program = packages.writeShellScriptBin "greet" ''
    echo "hello ''${1-} ''${2-}; WHO=''${WHO-unset} LIST=''${LIST-unset} at $(basename "$0")"
    if [ "$PWD" = / ]; then echo "in the root"; fi
  '';
  arguments = "--set WHO 'a b' --prefix LIST : one:two --suffix LIST : three --add-flags '-x' --append-flag 'y z' --chdir /";
  # nixpkgs' way to wrap a program that is built already
  wrapped =
    hook:
    packages.symlinkJoin {
      name = "wrapped";
      paths = [ program ];
      nativeBuildInputs = [ hook ];
      postBuild = ''
        wrapProgram $out/bin/greet ${arguments}
        LIST=two $out/bin/greet > $out/text
        ls -A $out/bin >> $out/text
        head -c 2 $out/bin/greet | grep -c '#!' >> $out/text || true
      '';
    };

  hook =
    packages.makeSetupHook
      {
        name = "counting";
        substitutions.word = "substituted";
      }
      (
        builtins.toFile "counting.sh" "counted() { echo @word@ $1; }\npreInstallHooks+=('counted array')\n"
      );

  library = stdenv.mkDerivation {
    name = "library";
    dontUnpack = true;
    buildPhase = ''
      echo 'int answer(void) { return 42; }' > answer.c
      gcc -shared -o libanswer.so answer.c
    '';
    installPhase = ''
      mkdir -p $out/lib $out/include
      cp libanswer.so $out/lib
      echo 'int answer(void);' > $out/include/answer.h
    '';
  };
in
{
  # Strict while inputs are set up, and as the builder's own options are in phases
  options = phased {
    preBuild = "";
    preConfigure = ''echo "unset: [$CFLAGS] [$NOBODY_SETS_THIS]"'';
    installPhase = say ''
      echo "nounset: $(shopt -o -q nounset && echo on || echo off)"
      echo "errexit: $(shopt -o -q errexit && echo on || echo off)"
      echo "pipefail: $(shopt -o -q pipefail && echo on || echo off)"
      echo "nullglob: $(shopt -q nullglob && echo on || echo off)"
      echo "inherit_errexit: $(shopt -q inherit_errexit && echo on || echo off)"
      echo "unset: [$CFLAGS]"
      echo "compile: [''${NIX_CFLAGS_COMPILE%seed=*}]"
      echo "shell: $SHELL $CONFIG_SHELL $CC $CXX"
    '';
  };
  errexit = phased { installPhase = "false; mkdir $out"; };
  pipefail = phased { installPhase = "false | cat; mkdir $out"; };

  # Functions, variables, arrays and setup hooks
  hooks = phased {
    nativeBuildInputs = [ hook ];
    preInstall = "echo variable";
    installPhase = ''
      mkdir -p $out
      failing() { false; }
      given() { echo "given $1"; }
      unpackOneHooks=(failing 'given last' 'echo never')
      { runHook preInstall; runOneHook unpackOne; } > $out/text
    '';
    postInstall = "exit 1";
  };
  order = phased {
    prePhases = [ "early" ];
    preInstallPhases = [ "late" ];
    early = "echo early >> order";
    late = "echo late >> order";
    preConfigure = "echo configured >> order";
    doInstallCheck = true;
    installCheckPhase = "echo checked >> $out/text";
    installPhase = "mkdir -p $out; cp order $out/text";
  };

  substitution = phased {
    installPhase = say ''
      printf 'a & b @who@\n' > file
      substituteInPlace file --replace-fail 'a &' 'c\1 &' --subst-var-by who me
      cat file
      substituteInPlace file --replace-warn absent x --replace-quiet absent x
      who=you substituteInPlace file --replace me '@who@'
      who=you
      substituteInPlace file --subst-var who
      cat file
      substitute file other --replace-fail you them
      cat other
      substituteInPlace file --replace-fail absent x || echo "failed with $?"
    '';
  };
  words = phased {
    one = [
      "a"
      "b"
    ];
    installPhase = say ''
      appendToVar one c
      prependToVar one z
      local -a all=()
      concatTo all one none=default
      echo "''${all[*]} ''${#all[@]} $(concatStringsSep , one)"
      echo "$(stripHash /nix/store/00000000000000000000000000000000-name-1)"
    '';
  };

  shellWrapper = wrapped packages.makeWrapper;
  binaryWrapper = wrapped packages.makeBinaryWrapper;

  patched = phased {
    tree = packages.applyPatches {
      name = "tree";
      src = packages.writeTextDir "greeting" "hello\n";
      patches = [
        (packages.writeText "greeting.patch" ''
          --- a/greeting
          +++ b/greeting
          @@ -1 +1 @@
          -hello
          +goodbye
        '')
      ];
      postPatch = "echo after >> greeting";
    };
    installPhase = say "cat $tree/greeting";
  };
  text = packages.runCommand "text" { word = "x"; } ''
    mkdir $out
    {
      echo $word
      cat ${packages.writeText "plain" "a $b\n"}
      ${packages.writeShellScript "script" "echo ran $1"} it
      ${
        packages.writeShellApplication {
          name = "app";
          runtimeInputs = [ program ];
          text = "greet app";
        }
      }/bin/app
      readlink ${packages.linkFarm "farm" { "a/b" = "/usr"; }}/a/b
    } > $out/text
  '';

  # What an input brings: headers, libraries and where they are when the program runs
  linked = stdenv.mkDerivation {
    name = "linked";
    dontUnpack = true;
    buildInputs = [ library ];
    env.NIX_LDFLAGS = "-lanswer";
    buildPhase = ''
      printf '#include <answer.h>\n#include <stdio.h>\nint main(void) { printf("%%d\\n", answer()); }\n' > main.c
      $CC main.c -o program
    '';
    installPhase = ''
      mkdir $out
      cp program $out
      $out/program > $out/text
    '';
  };
  shebangs = phased {
    buildInputs = [ program ];
    installPhase = ''
      mkdir -p $out/bin
      printf '#!/usr/bin/env greet\n' > $out/bin/by-name
      printf '#!/bin/sh\n' > $out/bin/host
      chmod +x $out/bin/*
    '';
    postFixup = ''
      head -n 1 $out/bin/by-name | grep -c "^#!${program}/bin/greet$" > $out/text
      cat $out/bin/host >> $out/text
    '';
  };

  # Evaluated
  defaults =
    let
      same = change: (packages.lua5_4.overrideAttrs change).drvPath == packages.lua5_4.drvPath;
    in
    {
      doCheck = same {
        doCheck = false;
        doInstallCheck = false;
        checkPhase = null;
        installCheckPhase = null;
      };
      empty = same (old: {
        patches = old.patches or [ ];
        buildInputs = (old.buildInputs or [ ]) ++ [ ];
      });
      passthru = same { passthru.extra = 1; };
      meta = same (old: {
        meta = old.meta // {
          description = "words";
        };
      });
      check = same { doCheck = true; };
      mainProgram = (packages.lua5_4.overrideAttrs { meta.mainProgram = "luac"; }).NIX_MAIN_PROGRAM;
    };
  hardening =
    let
      given = attrs: (phased attrs).NIX_HARDENING_ENABLE or null;
    in
    {
      nothing = given { };
      disabled = given {
        hardeningDisable = [
          "fortify"
          "libcxxhardeningfast"
        ];
      };
      enabled = given {
        hardeningEnable = [ "trivialautovarinit" ];
        hardeningDisable = [ "bindnow" ];
      };
      all = given {
        hardeningEnable = [ "pic" ];
        hardeningDisable = [ "all" ];
      };
      ofEnvironment = given { env.NIX_HARDENING_ENABLE = "pic"; };
      byDefault = stdenv.cc.defaultHardeningFlags;
      less =
        ((packages.withDefaultHardeningFlags [ "pic" ] stdenv).mkDerivation {
          name = "less";
          hardeningEnable = [ "relro" ];
        }).NIX_HARDENING_ENABLE;
    };
  unknownHardening = (phased { hardeningDisable = [ "nonsense" ]; }).drvPath;

  adapters =
    let
      flags = (lua: lua.NIX_CFLAGS_COMPILE or null);
      lua = stdenv: packages.lua5_4.override { inherit stdenv; };
      native = lua (packages.impureUseNativeOptimizations stdenv);
    in
    {
      withCFlags = flags (lua (packages.withCFlags [ "-O3" "-pipe" ] stdenv));
      ofString = flags (lua (packages.withCFlags "-O3" stdenv));
      composed = flags (lua (packages.stdenvAdapters.withCFlags "-g" (packages.withCFlags "-O3" stdenv)));
      keepsEnv = (lua (packages.withCFlags "-O3" stdenv)).LC_ALL;
      native = [
        (flags native)
        native.NIX_ENFORCE_NO_NATIVE
        native.preferLocalBuild
        native.allowSubstitutes
      ];
      # It replaces what the package has in `env`, as documented.
      added =
        (lua (packages.addAttrsToDerivation { env.NIX_CFLAGS_COMPILE = "-O0"; } stdenv)).LC_ALL or "lost";
      debug = flags (lua (packages.keepDebugInfo stdenv));
      linkers = map (adapter: (lua (adapter stdenv)).NIX_CFLAGS_LINK) [
        packages.useMoldLinker
        packages.useGoldLinker
      ];
      null = (lua (stdenv.override { })).drvPath == packages.lua5_4.drvPath;
      derivation =
        (packages.lua5_4.overrideDerivation (old: {
          added = old.name;
        })).added;
      ofLib =
        (lib.overrideDerivation packages.lua5_4 (_: {
          name = "renamed";
        })).name;
      # As the whole set's, it reaches everything that is compiled, and nothing that is not.
      whole =
        let
          tuned = import embedded {
            compiler = "test";
            overlays = [ (_final: prev: { stdenv = prev.withCFlags "-O3" prev.stdenv; }) ];
          };
        in
        [
          (flags tuned.lua5_4)
          (tuned.writeText "a" "b" == packages.writeText "a" "b")
          (tuned.stdenv.cc.drvPath == packages.stdenv.cc.drvPath)
        ];
    };

  python =
    let
      inherit (packages) python313;
      given =
        arguments:
        if (builtins.tryEval (python313.override arguments).drvPath).success then "made" else "refused";
      overridden = python313.override {
        packageOverrides = _final: _prev: {
          enableOptimizations = true;
          added = 1;
        };
      };
      set = import embedded {
        compiler = "test";
        overlays = [
          (_final: prev: {
            python313 = prev.python313.override {
              packageOverrides = _final: prev: {
                packaging = prev.packaging // {
                  changed = true;
                };
              };
            };
            pythonPackagesExtensions = prev.pythonPackagesExtensions ++ [
              (final: _prev: { both = final.packaging.changed or false; })
            ];
          })
        ];
      };
    in
    {
      sameBytes = overridden.drvPath == python313.drvPath;
      inherit (overridden.pkgs) added;
      beside = [
        set.python313Packages.packaging.changed
        set.python313Packages.both
        (set.python313.pkgs.python == set.python313)
      ];
      optimized = given { enableOptimizations = true; };
      reproducible = given {
        reproducibleBuild = true;
        rebuildBytecode = false;
      };
      wrong = map given [
        {
          enableOptimizations = true;
          reproducibleBuild = true;
          rebuildBytecode = false;
        }
        { reproducibleBuild = true; }
        {
          reproducibleBuild = true;
          rebuildBytecode = false;
          stripBytecode = false;
        }
      ];
      flags =
        (python313.override {
          enableLTO = false;
          enableOptimizations = true;
        }).configureFlags;
      inherit (python313)
        pythonVersion
        sitePackages
        implementation
        executable
        pythonAttr
        ;
    };
}
