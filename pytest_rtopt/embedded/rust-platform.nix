# `makeRustPlatform`: builds packages with a rustc and a cargo. For packages without dependencies.
{ lib, stdenv }:
{ rustc, cargo }:
{
  buildRustPackage =
    arguments:
    stdenv.mkDerivation (
      removeAttrs arguments [ "cargoLock" ]
      // {
        nativeBuildInputs = arguments.nativeBuildInputs or [ ] ++ [
          rustc
          cargo
        ];
        configurePhase = ''
          runHook preConfigure
          export CARGO_HOME=$NIX_BUILD_TOP/cargo-home CARGO_NET_OFFLINE=true
          # What nixpkgs' stdenv does for every input; nothing else in this set has setup hooks.
          for input in $nativeBuildInputs; do
            if [ -e "$input/nix-support/setup-hook" ]; then source "$input/nix-support/setup-hook"; fi
          done
          runHook postConfigure
        '';
        # The target is named, as by nixpkgs' hook: flags for it then reach no build script.
        buildPhase = ''
          runHook preBuild
          env CARGO_PROFILE_RELEASE_STRIP=false CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=gcc \
            cargo build --offline --frozen --release --target x86_64-unknown-linux-gnu -j "$NIX_BUILD_CORES"
          runHook postBuild
        '';
        installPhase = ''
          runHook preInstall
          mkdir -p $out/bin
          find target/x86_64-unknown-linux-gnu/release -maxdepth 1 -type f -perm -u+x -exec cp {} $out/bin/ \;
          runHook postInstall
        '';
        passthru = {
          inherit rustc cargo;
        }
        // arguments.passthru or { };
        meta = {
          mainProgram = lib.attrByPath [ "pname" ] "program" arguments;
        }
        // arguments.meta or { };
      }
    );
}
