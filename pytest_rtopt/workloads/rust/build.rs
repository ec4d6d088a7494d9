//! Tells the programs what this script itself was compiled for: a build script has to run on the machine that builds.

fn main() {
    let features = if cfg!(target_feature = "avx") {
        "avx"
    } else if cfg!(target_feature = "sse4.2") {
        "sse4.2"
    } else {
        "baseline"
    };
    println!("cargo:rustc-env=RTOPT_BUILD_SCRIPT={features}");
    println!("cargo:rerun-if-changed=build.rs");
}
