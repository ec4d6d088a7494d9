# Python 3.13 for the profile's CPU, with profile-guided optimization where asked.
#
# nixpkgs' own Python is built with link-time optimization and -O3, and without profile-guided optimization.
# pgoLevel: "NONE" leaves that so; "LIGHT" trains on upstream's default task; "FULL" adds programs (./training/python.py).
#
# Flags go through the compiler wrapper and not through CFLAGS: sysconfig records CFLAGS, and every extension module
# that is ever compiled with this interpreter would inherit them.
hardwareProfile: final: prev:
let
  inherit (prev) lib;
  rtopt = import ./lib.nix {
    inherit hardwareProfile lib;
    inherit (prev) stdenv;
  };

  tuneFor =
    attr: python:
    let
      settings = rtopt.settings attr;
      pgoLevel = rtopt.oneOf attr "pgoLevel" [
        "NONE"
        "LIGHT"
        "FULL"
      ] (settings.pgoLevel or "NONE");
      pgo = pgoLevel != "NONE";
      staticInterpreter = rtopt.flag attr "staticInterpreter" false;
      loopWithoutProfile = rtopt.flag attr "loopWithoutProfile" false;
      lto = if settings ? enableLTO then rtopt.flag attr "enableLTO" true else null;

      accepted = python.override.__functionArgs or { };
      arguments =
        lib.optionalAttrs (pgo && accepted ? enableOptimizations) (
          {
            enableOptimizations = true;
          }
          # The package refuses to promise both.
          // lib.optionalAttrs (accepted ? reproducibleBuild) { reproducibleBuild = false; }
        )
        // lib.optionalAttrs (lto != null && accepted ? enableLTO) { enableLTO = lto; }
        # Under a new name the package sets (`pkgs`, `withPackages`) follow these two, and not the result of `override`.
        // lib.optionalAttrs (settings.scope or "replace" == "add") {
          self = final."${attr}-optimized";
          pythonAttr = "${attr}-optimized";
        };
      codeFlags =
        rtopt.compilerFlags
        # Leaves the command line in the objects: evidence that costs a few hundred bytes and no time.
        ++ lib.optional (rtopt.march != null) "-frecord-gcc-switches"
        # The shared library finds the thread's state, which every allocation asks for, without a call.
        ++ lib.optional (rtopt.flag attr "staticTls" false) "-ftls-model=initial-exec";
      # Variables of single targets, at the end of upstream's Makefile.
      rules =
        # What its configure writes without a shared library. For the program alone: Programs/_testembed, which is linked
        # by the same variable, would take minutes of link-time optimization.
        lib.optional staticInterpreter "$(BUILDPYTHON): LINK_PYTHON_OBJS = $(LIBRARY_OBJS)"
        # GCC 12 loses the profile of what computed gotos reach, and then takes the interpreter's loop for code that
        # hardly runs. Without one it compiles it as it does in stock.
        ++
          lib.optional (loopWithoutProfile && pgo)
            "Python/ceval.o: PY_CORE_CFLAGS := $(filter-out -fprofile-use -fprofile-correction,$(PY_CORE_CFLAGS))";
      # What `override` does, for a Python that takes no such arguments.
      plainFlags =
        old:
        let
          ltoFlag = "--with-lto";
          stock = old.configureFlags or [ ];
          rest = lib.filter (flag: flag != ltoFlag) stock;
        in
        (if lto == null || accepted ? enableLTO then stock else rest ++ lib.optional lto ltoFlag)
        ++ lib.optional (pgo && !(accepted ? enableOptimizations)) "--enable-optimizations";
      chosen = if arguments == { } then python else python.override arguments;
    in
    chosen.overrideAttrs (
      old:
      {
        env =
          rtopt.appendToEnv (old.env or { }) {
            NIX_CFLAGS_COMPILE = codeFlags;
          }
          # Read by configure. Without it the Makefile gets upstream's default task.
          // lib.optionalAttrs (pgoLevel == "FULL") { PROFILE_TASK = "${./training/python.py}"; };
      }
      // lib.optionalAttrs (plainFlags old != old.configureFlags or [ ]) {
        configureFlags = plainFlags old;
      }
      // lib.optionalAttrs (rules != [ ]) {
        postPatch = rtopt.andThen (old.postPatch or null) (
          lib.concatMapStrings (rule: "echo '${rule}' >> Makefile.pre.in\n") rules
        );
      }
      // lib.optionalAttrs (rtopt.flag attr "relaxHardening" false) {
        hardeningDisable = (old.hardeningDisable or [ ]) ++ [
          "stackclashprotection"
          "stackprotector"
          "zerocallusedregs"
        ];
      }
      # The interpreter that was just built compiles the standard library, and trains itself.
      // rtopt.features rtopt.march old
    );
in
lib.foldl' (changes: attr: changes // rtopt.place attr (rtopt.tuned prev attr (tuneFor attr))) { } (
  rtopt.asked prev "python313" "python3[0-9]+"
)
