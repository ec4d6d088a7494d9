# `buildGoModule` for modules without dependencies or with a vendor directory, with the arguments of nixpkgs' that such
# modules use. It runs no tests.
{
  lib,
  stdenv,
  go,
}:
lib.extendMkDerivation {
  constructDrv = stdenv.mkDerivation;
  excludeDrvArgNames = [
    "GOFLAGS"
    "vendorHash"
    "proxyVendor"
    "overrideModAttrs"
  ];
  extendDrvArgs =
    _finalAttrs:
    {
      nativeBuildInputs ? [ ],
      passthru ? { },
      ldflags ? [ ],
      tags ? [ ],
      subPackages ? [ ],
      GOFLAGS ? [ ],
      env ? { },
      ...
    }@arguments:
    {
      inherit tags subPackages;
      nativeBuildInputs = [ go ] ++ nativeBuildInputs;
      # An empty build ID is the same in every build.
      ldflags = ldflags ++ lib.optional (!lib.any (lib.hasPrefix "-buildid=") ldflags) "-buildid=";
      env = env // {
        GO111MODULE = "on";
        GOTOOLCHAIN = "local";
        CGO_ENABLED = env.CGO_ENABLED or "1";
        inherit (stdenv.hostPlatform.go) GOOS GOARCH;
        GOFLAGS = toString (
          GOFLAGS ++ [ "-mod=vendor" ] ++ lib.optional (!(arguments.allowGoReference or false)) "-trimpath"
        );
      };
      configurePhase =
        arguments.configurePhase or ''
          runHook preConfigure
          export GOCACHE=$TMPDIR/go-cache GOPATH=$TMPDIR/go GOPROXY=off GOSUMDB=off
          runHook postConfigure
        '';
      buildPhase =
        arguments.buildPhase or ''
          runHook preBuild
          mkdir -p $TMPDIR/programs
          flags=()
          concatTo flags buildFlags buildFlagsArray
          if [ -n "''${tags[*]-}" ]; then flags+=("-tags=$(concatStringsSep , tags)"); fi
          if [ -n "''${ldflags[*]-}" ]; then flags+=("-ldflags=''${ldflags[*]}"); fi
          programs=()
          concatTo programs subPackages
          programs=("''${programs[@]/#/./}")
          if ((''${#programs[@]} == 0)); then programs=(./...); fi
          go build -v -o $TMPDIR/programs/ "''${flags[@]}" "''${programs[@]}"
          runHook postBuild
        '';
      installPhase =
        arguments.installPhase or ''
          runHook preInstall
          mkdir -p $out/bin
          cp $TMPDIR/programs/* $out/bin/
          runHook postInstall
        '';
      dontStrip = arguments.dontStrip or true;
      strictDeps = true;
      passthru = {
        inherit go;
      }
      // passthru;
    };
}
