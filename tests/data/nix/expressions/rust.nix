# A Rust program of one file, built in several ways. It tells which features it was compiled for.
{
  embedded,
  compiler,
  rust,
}:
let
  packages = import embedded { inherit compiler rust; };
  source = packages.runCommand "answers" { } ''
    mkdir -p $out/src
    cat > $out/Cargo.toml <<'TOML'
    [package]
    name = "answers"
    version = "1.0.0"
    edition = "2021"
    TOML
    cp ${lock} $out/Cargo.lock
    cat > $out/src/main.rs <<'RUST'
    // Words that stay together in the program, whatever machine runs it.
    #[cfg(target_feature = "avx2")]
    const ANSWER: &str = "compiled with avx2";
    #[cfg(not(target_feature = "avx2"))]
    const ANSWER: &str = "compiled without avx2";
    fn main() {
        println!("{}", ANSWER);
    }
    RUST
  '';
  lock = builtins.toFile "Cargo.lock" ''
    version = 3

    [[package]]
    name = "answers"
    version = "1.0.0"
  '';
  program =
    more:
    packages.rustPlatform.buildRustPackage (
      {
        pname = "answers";
        version = "1.0.0";
        src = source;
        cargoLock.lockFile = lock;
        doCheck = false;
        # The configuration lies beside the source, as what reads it may bring its own.
        preBuild = "cp ../.cargo/config.toml config";
        postInstall = "cp config $out/config.toml";
      }
      // more
    );
  v3 = "-Ctarget-cpu=x86-64-v3";
in
{
  plain = program { };
  byBuildVariable = program { env.CARGO_BUILD_RUSTFLAGS = v3; };
  byTarget = program { env.CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS = v3; };
  byArgument = program { RUSTFLAGS = [ v3 ]; };
  emptied = program {
    RUSTFLAGS = "";
    env.CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS = v3;
  };
  notSet = (program { }).RUSTFLAGS or "not set";
  fetched =
    (program {
      cargoLock.lockFileContents = ''
        [[package]]
        name = "serde"
        version = "1.0.0"
        source = "registry+https://example.invalid/index"
      '';
    }).drvPath;
}
