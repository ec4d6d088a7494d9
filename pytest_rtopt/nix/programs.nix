# Programs of this project built by a runtime, through the builder that the package set's own packages use: what the
# runtime's consumers get. Null for runtimes that compile nothing.
{
  name,
  packages,
  package,
  sources,
}:
let
  # The set's own platform is bound to the set's own rustc, which is not the judged one with `scope = "add"`.
  rustAdded = packages.rust-optimized or null;
  rustPlatform =
    if rustAdded != null && rustAdded.packages.stable.rustc.drvPath == package.drvPath then
      rustAdded.packages.stable.rustPlatform
    else
      packages.rustPlatform;
  # A name that nixpkgs removed may still be there, and throw.
  usable = name: (builtins.tryEval (packages.${name} or null != null)).value;
  # Packages are built with the default one, where that is of the judged Go's version.
  isDefault = usable "go" && packages.go.version or null == package.version or "";
  goModule =
    if isDefault || !(usable "buildGo124Module") then
      packages.buildGoModule
    else
      packages.buildGo124Module;
  builders = {
    go =
      # A builder bound to another compiler than the judged one is called with the judged one (`scope = "add"`).
      (if goModule ? override then goModule.override { go = package; } else goModule) {
        pname = "rtopt-go-programs";
        version = "1";
        src = builtins.path {
          path = sources + "/go";
          name = "rtopt-go-programs";
        };
        vendorHash = null;
      };

    rust = rustPlatform.buildRustPackage {
      pname = "rtopt-rust-programs";
      version = "1.0.0";
      src = builtins.path {
        path = sources + "/rust";
        name = "rtopt-rust-programs";
      };
      cargoLock.lockFile = sources + "/rust/Cargo.lock";
      # Without tests of their own, they are also built for CPUs that this one is not.
      doCheck = false;
      # Which toolchain the platform put there, in its own words, and what links.
      postInstall = ''
        mkdir -p $out/share/rtopt
        ln -s "$(command -v cc)" $out/share/rtopt/cc
        { cargo --version; rustc --version; } > $out/share/rtopt/toolchain
      '';
    };

    python = package.withPackages (pythonPackages: [ pythonPackages.packaging ]);
  };
in
builders.${name} or null
