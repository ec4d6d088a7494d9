# Go 1.24 from upstream's release: sources, and the toolchain of the same release to bootstrap from.
{
  lib,
  stdenv,
  sources,
}:
stdenv.mkDerivation (finalAttrs: {
  pname = "go";
  inherit (sources.go) version src;
  sourceRoot = "go";

  env = {
    GOTOOLCHAIN = "local";
    GOHOSTOS = "linux";
    GOHOSTARCH = "amd64";
  };

  postUnpack = ''
    # The archive does not keep the executable bits.
    pushd "$sourceRoot" >/dev/null
    find bin pkg/tool -type f -exec chmod +x {} +
    find . -name '*.bash' -exec chmod +x {} +
    pristine=$(find src -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
    popd >/dev/null
  '';

  buildPhase = ''
    runHook preBuild
    # Go's releases are reproducible bit for bit: with upstream's sources and upstream's settings, make.bash gives
    # the very binaries that the release brings (tests/embedded/test_go_reproducible.py builds and compares them).
    # Anything else is compiled.
    current=$(find src -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
    if [ "''${GOAMD64:-v1}" = v1 ] && [ "$current" = "$pristine" ] \
      && [ -z "''${GOEXPERIMENT:-}''${GO_GCFLAGS:-}''${GO_LDFLAGS:-}''${GOFLAGS:-}''${rebuildToolchain:-}" ]; then
      echo "GOAMD64=v1 and pristine sources: keeping the toolchain of the release"
    else
      export GOROOT_BOOTSTRAP=$NIX_BUILD_TOP/bootstrap
      cp -r . "$GOROOT_BOOTSTRAP"
      rm -rf bin pkg/tool
      export GOCACHE=$NIX_BUILD_TOP/go-cache
      # Upstream's releases name no compiler: with CC, which the compiler's setup hook exports, its name would be
      # written into `go` and `cgo`.
      (unset CC CXX && cd src && bash make.bash -v)
      # The builder's own tools are not a part of a release.
      rm -f pkg/tool/*/dist pkg/tool/*/distpack
    fi
    runHook postBuild
  '';

  installPhase = ''
    runHook preInstall
    mkdir -p $out/share/go $out/bin
    cp -a bin pkg src lib misc go.env VERSION $out/share/go
    rm -rf $out/share/go/pkg/obj
    ln -s $out/share/go/bin/* $out/bin
    runHook postInstall
  '';

  # Go's binaries are not touched, as in nixpkgs.
  dontStrip = true;

  meta.mainProgram = "go";
  passthru.GOAMD64 = lib.attrByPath [ "env" "GOAMD64" ] "v1" finalAttrs;
})
