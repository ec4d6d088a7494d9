# rustc, cargo and what they compile, for the profile's CPU.
#
# The override goes into the scope `rust_1_NN.packages.stable`: overriding `rustc-unwrapped` at the top reaches nothing,
# `rustc` or `rustPackages` there do not reach `rustPlatform`.
#
# `packages.rust.toolchain = "upstream"` puts upstream's release there, see ./rust-upstream.nix.
#
# Programs get `-Ctarget-cpu`, the width of vectors and their linker from a setup hook of rustc, see
# ./rust-program-flags.sh; NIX_RUSTFLAGS would reach build scripts, too.
hardwareProfile: final: prev:
let
  inherit (prev) lib;
  rtopt = import ./lib.nix {
    inherit hardwareProfile lib;
    inherit (prev) stdenv;
  };
  settings = rtopt.settings "rust";

  cpu =
    if settings ? targetCpu then
      rtopt.architecture "packages.rust.targetCpu" settings.targetCpu
    else
      rtopt.march;
  # A linker that is no package of its own is part of every binutils.
  linker =
    if !(settings ? linker) then
      null
    else
      rtopt.oneOf "rust" "linker" [
        "bfd"
        "gold"
        "lld"
        "mold"
      ] settings.linker;
  linkerPackages = {
    lld = "lld";
    mold = "mold";
  };
  linkerPackage =
    if !(linkerPackages ? ${linker}) then
      null
    else
      final.${linkerPackages.${linker}}
        or (throw "rtopt: packages.rust.linker = \"${linker}\" and this package set has no ${linker}; choose another, or add the package");

  # In bits, as LLVM names its preferences. They are for programs: the compiler's own code was not measured with them.
  vectorWidth =
    if !(settings ? preferVectorWidth) then
      null
    else
      rtopt.oneOf "rust" "preferVectorWidth" [
        "128"
        "256"
      ] settings.preferVectorWidth;

  asksUpstream =
    if settings ? toolchain then
      rtopt.oneOf "rust" "toolchain" [ "upstream" ] settings.toolchain == "upstream"
    else if settings ? upstream then
      throw "rtopt: packages.rust.upstream is read only with packages.rust.toolchain = \"upstream\"; add that, or leave it out"
    else
      false;
  # What only a compiler that is compiled can have.
  compiled = lib.filter (field: settings ? ${field} && settings.${field} != false) [
    "codegenUnits"
    "enableLTO"
  ];
  upstream =
    if compiled != [ ] then
      throw "rtopt: packages.rust.${lib.head compiled} is for a rustc that is compiled, and packages.rust.toolchain = \"upstream\" compiles none; leave one of them out"
    else
      import ./rust-upstream.nix {
        inherit lib settings versions;
        inherit (prev) stdenv makeWrapper;
        zlib = prev.zlib or null;
        linker =
          if linker == "lld" then "${linkerPackage}/bin/ld.lld" else "${prev.stdenv.cc.bintools}/bin/ld";
      };

  cpuFlags = lib.optional (cpu != null) "-Ctarget-cpu=${cpu}";
  # rustc's bootstrap also builds the standard library of wasm and BPF targets, to which an x86-64 name means nothing.
  forTarget = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS";

  # rustc takes the last -Ccodegen-units, and the one in RUSTFLAGS comes after what configure says: the flag must be
  # rewritten where it stands.
  stockUnits = "-Ccodegen-units=10";
  units = settings.codegenUnits or null;
  rewritten =
    flags:
    if !(builtins.isInt units && units > 0) then
      throw "rtopt: packages.rust.codegenUnits = ${builtins.toJSON units} must be a whole number from 1"
    else if !(lib.hasInfix stockUnits flags) then
      throw "rtopt: this nixpkgs does not build rustc with ${stockUnits}, so packages.rust.codegenUnits would do nothing; leave it out"
    else
      lib.replaceStrings [ stockUnits ] [ "-Ccodegen-units=${toString units}" ] flags;
  rewriteUnits =
    old:
    if old ? RUSTFLAGS then
      { RUSTFLAGS = rewritten old.RUSTFLAGS; }
    else
      {
        env = (old.env or { }) // {
          RUSTFLAGS = rewritten (old.env.RUSTFLAGS or "");
        };
      };

  # What the set does not compile would get another hash and the same code.
  tuneCompiler = rustc: if rustc.prebuilt or false then rustc else tunedCompiler rustc;
  tunedCompiler =
    rustc:
    rustc.overrideAttrs (
      old:
      let
        rewrites = lib.optionalAttrs (units != null) (rewriteUnits old);
      in
      rewrites
      // rtopt.appendFlags (old // rewrites) { ${forTarget} = cpuFlags; }
      // lib.optionalAttrs (rtopt.flag "rust" "enableLTO" false) {
        configureFlags = (old.configureFlags or [ ]) ++ [ "--set=rust.lto=thin" ];
      }
      # The compiler that the first stage built builds the second.
      // rtopt.features cpu old
    );

  # Cargo takes its flags from one place: RUSTFLAGS if set, even to nothing, else those for the target.
  tuneCargo = cargo: if cargo.prebuilt or false then cargo else tunedCargo cargo;
  tunedCargo =
    cargo:
    cargo.overrideAttrs (
      old:
      let
        set = old.RUSTFLAGS or old.env.RUSTFLAGS or null != null;
      in
      rtopt.appendFlags old { ${if set then "RUSTFLAGS" else forTarget} = cpuFlags; }
    );

  hookCompiler =
    rustc:
    rustc.overrideAttrs (
      old:
      lib.optionalAttrs (cpu != null || vectorWidth != null || linker != null) {
        buildCommand =
          old.buildCommand
            or (throw "rtopt: this nixpkgs wraps rustc in a way that is not known here, so that programs would not get their target-cpu; set packages.rust.enable = false")
          + ''
            mkdir -p $out/nix-support
            {
              if [ -e $out/nix-support/setup-hook ]; then cat $out/nix-support/setup-hook; fi
              ${lib.optionalString (cpu != null) "echo 'rtoptTargetCpu=${cpu}'"}
              ${lib.optionalString (vectorWidth != null) "echo 'rtoptVectorWidth=${vectorWidth}'"}
              ${lib.optionalString (linker != null) "echo 'rtoptLinker=${linker}'"}
              ${lib.optionalString (
                linker != null && linkerPackage != null
              ) "echo 'PATH=${linkerPackage}/bin:$PATH'"}
              cat ${./rust-program-flags.sh}
            } > setup-hook
            cp --remove-destination setup-hook $out/nix-support/setup-hook
          '';
      }
    );

  # `scope` of `rust`, with the compilers that `compilers self super` gives.
  tuneScope =
    scope: compilers: more:
    scope.overrideScope (
      self: super: { rustc = hookCompiler super.rustc; } // compilers self super // more self
    );
  compiledHere = _: super: {
    rustc-unwrapped = tuneCompiler super.rustc-unwrapped;
    cargo = tuneCargo super.cargo;
  };

  tuned =
    attr: more:
    let
      rust = prev.${attr};
      # What stands beside stock is of the version that it stands beside.
      isUpstream = asksUpstream && (attr == "rust" || upstream.reaches attr);
      compilers = if isUpstream then upstream.packages attr rust else compiledHere;
    in
    rtopt.unmarked prev attr (
      rtopt.untrained "rust" rust
      // {
        packages = rust.packages // {
          stable = tuneScope rust.packages.stable compilers more;
        };
        rtopt = {
          inherit attr;
          settings = "rust";
        };
      }
    );

  # `rustPlatform` is made of the compilers of `rust_1_NN`, which stay as they are under another name.
  ownPlatform = self: { rustPlatform = prev.makeRustPlatform { inherit (self) rustc cargo; }; };
  versions = lib.filter (attr: builtins.match "rust_1_[0-9]+" attr != null) (lib.attrNames prev);
in
lib.optionalAttrs (prev ? rust && rtopt.wanted "rust") (
  if settings.scope or "replace" == "replace" then
    lib.genAttrs versions (attr: if rtopt.usable prev attr then tuned attr (_: { }) else prev.${attr})
  else
    let
      beside = tuned "rust" ownPlatform;
    in
    rtopt.place "rust" beside // { rustc-optimized = beside.packages.stable.rustc; }
)
