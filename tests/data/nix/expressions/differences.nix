# What the embedded set does otherwise than nixpkgs, on purpose. `built` writes a line for each difference that shows in
# a build, and `evaluated` has one attribute for each of the others.
{ embedded, compiler }:
let
  packages = import embedded {
    inherit compiler;
    rust = "rustc 1.85.0 (none)";
  };
  inherit (packages) lib stdenv;
  succeeds = value: (builtins.tryEval value).success;
  zipped = packages.runCommand "source.zip" { } ''
    mkdir source
    echo > source/file
    python3 -c 'import shutil; shutil.make_archive("source", "zip", ".", "source")'
    cp source.zip $out
  '';
in
{
  built = stdenv.mkDerivation {
    name = "differences";
    src = zipped;
    buildPhase = ''
      echo 'int main(void) { return 0; }' > main.c
      $CC main.c -o program
    '';
    installPhase = ''
      mkdir -p $out/sbin $out/man/man1 $out/bin
      cp program $out/sbin
      echo page > $out/man/man1/page.1
      ln -s nowhere $out/dangling
      printf '#!/bin/sh\n' > $out/bin/script
      chmod +x $out/bin/script
    '';
    postFixup = ''
      {
        echo "purity: ''${NIX_ENFORCE_PURITY-unset}"
        echo "compiler: $(NIX_DEBUG=1 $CC -c main.c 2>&1 | grep -o '^extra flags before to .*')"
        echo "linker: $(NIX_DEBUG=1 $CC -c main.c 2>&1 | grep -c -- "-B.*-bintools-wrapper/bin/")"
        echo "run path: $(readelf -d $out/sbin/program | grep -c "$out/lib")"
        echo "outputs: $(cd $out && find . ! -type d | LC_ALL=C sort | tr '\n' ' ')"
        echo "script: $(cat $out/bin/script)"
      } > $out/text
    '';
  };

  evaluated = {
    meta = succeeds (packages.lua5_4.overrideAttrs { meta.broken = true; }).drvPath;
    platforms = {
      cross = packages ? pkgsCross;
      same = packages.buildPackages.lua5_4.drvPath == packages.lua5_4.drvPath;
    };
    hardening =
      (import embedded { compiler = "gcc 11.4.0"; }).stdenv.cc.unsupported
      == "pacret strictflexarrays1 strictflexarrays3 fortify3 trivialautovarinit";
    fetchers = lib.filter (name: packages ? ${name}) [
      "fetchurl"
      "fetchgit"
      "fetchFromGitHub"
      "fetchpatch"
    ];
    crates = succeeds (
      (packages.rustPlatform.buildRustPackage {
        pname = "a";
        version = "1";
        src = ./make;
        cargoHash = "";
      }).drvPath
    );
    goTests =
      (packages.buildGoModule {
        pname = "a";
        version = "1";
        src = ./make;
        vendorHash = null;
      }).doCheck;
    pythonPackages = lib.attrNames (
      lib.filterAttrs (_: value: lib.isDerivation value) packages.python313.pkgs
    );
    pythonEnvironment =
      lib.hasInfix "pyvenv.cfg"
        (packages.python313.withPackages (_: [ ])).installPhase;
    linkers = packages ? mold || packages ? lld;
    shellcheck = packages ? shellcheck;
    lua = packages.lua5_4.NIX_HARDENING_ENABLE;
  };
}
