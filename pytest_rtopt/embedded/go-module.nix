# `buildGoModule` for modules without dependencies or with a vendor directory.
{
  lib,
  stdenv,
  go,
}:
args:
stdenv.mkDerivation (
  removeAttrs args [ "vendorHash" ]
  // {
    nativeBuildInputs = args.nativeBuildInputs or [ ] ++ [ go ];
    env = {
      GOOS = "linux";
      GOARCH = "amd64";
      CGO_ENABLED = "1";
      GOTOOLCHAIN = "local";
      GOFLAGS = "-mod=vendor -trimpath";
    }
    // args.env or { };
    configurePhase =
      args.configurePhase or ''
        runHook preConfigure
        export GOCACHE=$NIX_BUILD_TOP/go-cache GOPATH=$NIX_BUILD_TOP/go GOPROXY=off GOSUMDB=off
        runHook postConfigure
      '';
    buildPhase =
      args.buildPhase or ''
        runHook preBuild
        mkdir -p $NIX_BUILD_TOP/programs
        go build -v -o $NIX_BUILD_TOP/programs/ ./...
        runHook postBuild
      '';
    installPhase =
      args.installPhase or ''
        runHook preInstall
        mkdir -p $out/bin
        cp $NIX_BUILD_TOP/programs/* $out/bin/
        runHook postInstall
      '';
    dontStrip = args.dontStrip or true;
    passthru = {
      inherit go;
    }
    // args.passthru or { };
    meta = {
      mainProgram = lib.attrByPath [ "pname" ] "program" args;
    }
    // args.meta or { };
  }
)
