# Node.js 24 for the profile's CPU, with link-time and profile-guided optimization, jemalloc, V8 options and a compile
# cache where asked.
#
# pgoLevel: "NONE" builds once; "FULL" builds instrumented, runs ./training/node.js, and builds again with the profile, all
# inside one derivation (./node-profile.sh): twice the time.
#
# Until 25.11 `nodejs_24` compiles, and `nodejs-slim_24` is a second build of the same; later `nodejs-slim_24` compiles and
# `nodejs_24` only joins it with npm, so that flags there would change a hash and recompile nothing.
#
# What is asked for at run time goes into a small compiled program around node (./node-wrapper.c): the compile cache, and
# for a Node that the set has prebuilt, where nothing can be compiled in, V8 options and jemalloc.
hardwareProfile: final: prev:
let
  inherit (prev) lib;
  rtopt = import ./lib.nix {
    inherit hardwareProfile lib;
    inherit (prev) stdenv;
  };

  tuneFor =
    attr: node:
    let
      settings = rtopt.settings attr;
      jemalloc =
        if final ? jemalloc then
          final.jemalloc
        else
          throw "rtopt: packages.${attr}.enableJemalloc is true and this package set has no jemalloc; set it to false, or add the package";
      withJemalloc = rtopt.flag attr "enableJemalloc" false;
      withLto = rtopt.flag attr "enableLTO" false;
      withProfile =
        let
          level = rtopt.oneOf attr "pgoLevel" [ "NONE" "FULL" ] (settings.pgoLevel or "NONE");
        in
        if level == "FULL" && !(prev.stdenv.cc.isGNU or false) then
          throw "rtopt: packages.${attr}.pgoLevel = \"FULL\" needs GCC, the only compiler that Node's configure takes a profile of; leave it out"
        else
          level == "FULL";
      compileFlags =
        rtopt.compilerFlags
        # Leaves the command line in the objects: evidence that costs a few hundred bytes and no time.
        ++ lib.optional (rtopt.march != null || withProfile) "-frecord-gcc-switches";
      v8Options = settings.v8Options or "";
      # configureFlags are split at blanks, except with structured attributes.
      v8Flag =
        old:
        if lib.hasInfix " " v8Options && !(old.__structuredAttrs or false) then
          throw "rtopt: packages.${attr}.v8Options = \"${v8Options}\" holds a blank, at which this nixpkgs would split it; give one option"
        else
          "--v8-options=${v8Options}";
      prebuilt = node.prebuilt or false;
      defines =
        lib.optional (rtopt.flag attr "compileCache" false) "-DRTOPT_COMPILE_CACHE"
        ++ lib.optional (prebuilt && v8Options != "") "-DRTOPT_V8_OPTION='\"${v8Options}\"'"
        ++ lib.optional (prebuilt && withJemalloc) "-DRTOPT_PRELOAD='\"${jemalloc}/lib/libjemalloc.so.2\"'";
      wrapped =
        old:
        lib.optionalAttrs (defines != [ ]) {
          postFixup = rtopt.andThen (old.postFixup or null) ''
            mv $out/bin/node $out/bin/.node-wrapped
            ''${CC:-gcc} -O2 -Wall -o $out/bin/node -DRTOPT_NODE="\"$out/bin/.node-wrapped\"" ${toString defines} \
              ${./node-wrapper.c}
          '';
        };
      singleOption =
        if lib.hasInfix " " v8Options then
          throw "rtopt: packages.${attr}.v8Options = \"${v8Options}\" holds a blank, and this nodejs takes one option; give one"
        else
          wrapped;
    in
    # What is only unpacked is trained by nobody.
    (if prebuilt then rtopt.untrained attr node else node).overrideAttrs (
      if prebuilt then
        singleOption
      else
        old:
        wrapped old
        // rtopt.appendFlags old (
          {
            NIX_CFLAGS_COMPILE = compileFlags;
            NIX_LDFLAGS = lib.optional withJemalloc "-ljemalloc";
          }
          # Under link-time optimization only the link step is recorded, and ninja hides the commands unless told.
          // lib.optionalAttrs (old.env or { } ? NINJA) { NINJA = lib.optional (rtopt.march != null) "-v"; }
        )
        // lib.optionalAttrs withJemalloc {
          buildInputs = (old.buildInputs or [ ]) ++ [ jemalloc ];
        }
        // lib.optionalAttrs withProfile {
          preBuild = rtopt.andThen (old.preBuild or null) ''
            source ${./node-profile.sh}
            rtoptTrainNode ${./training/node.js}
          '';
        }
        // lib.optionalAttrs (withLto || withProfile || v8Options != "") {
          # Upstream's LTO flags keep the ordinary half of each object, which `libv8.a` is made of.
          configureFlags =
            (old.configureFlags or [ ])
            ++ lib.optional withLto "--enable-lto"
            ++ lib.optional withProfile "--enable-pgo-use"
            ++ lib.optional (v8Options != "") (v8Flag old);
        }
        # The build runs its own torque, mksnapshot and test suite.
        // rtopt.features rtopt.march old
    );

  slimOf = attr: lib.replaceStrings [ "nodejs_" ] [ "nodejs-slim_" ] attr;
  joins = node: node.override.__functionArgs or { } ? nodejs-slim;

  overrides =
    attr:
    let
      slim = slimOf attr;
      tunedSlim = rtopt.tunedFor attr prev slim (tuneFor attr);
      beside = (rtopt.settings attr).scope or "replace" == "add";
      # In place the join follows by itself.
      joined = if beside then prev.${attr}.override { nodejs-slim = tunedSlim; } else prev.${attr};
      hasSlim = prev ? ${slim};
    in
    rtopt.place attr (
      if hasSlim && joins prev.${attr} then joined else rtopt.tuned prev attr (tuneFor attr)
    )
    // lib.optionalAttrs hasSlim { ${if beside then "${slim}-optimized" else slim} = tunedSlim; };
in
lib.foldl' (changes: attr: changes // overrides attr) { } (
  rtopt.asked prev "nodejs_24" "nodejs_[0-9]+"
)
