# The overlay of an interpreter that is one program, which GCC compiles from C by a plain Makefile: the profile's flags,
# link-time optimization and, where asked, profile-guided optimization.
#
# pgoLevel: "NONE" builds once; "LIGHT" and "FULL" build instrumented, run the training program (once, or over three
# sizes of its inputs), and build again with the profile, all inside one derivation.
{
  # The package, which has the same name under `packages` in a profile
  attribute,
  # The interpreter in the build directory
  program,
  # The target that makes it; null where that is the default of the Makefile
  target ? null,
  # A program in its language; its argument is a factor for the sizes of its inputs
  training,
}:
hardwareProfile: _final: prev:
let
  inherit (prev) lib;
  rtopt = import ./lib.nix {
    inherit hardwareProfile lib;
    inherit (prev) stdenv;
  };
  settings = rtopt.settings attribute;
  pgoLevel = rtopt.oneOf attribute "pgoLevel" [
    "NONE"
    "LIGHT"
    "FULL"
  ] (settings.pgoLevel or "NONE");
  rounds = if pgoLevel == "FULL" then "1 2 3" else "1";

  ltoFlags = lib.optionals (settings.enableLTO or false) [
    "-flto=auto"
    # `ar` without GCC's plugin indexes the ordinary half; the linker then takes the other one.
    "-ffat-lto-objects"
  ];

  # Leaves the command line in the objects: evidence that costs a few hundred bytes and no time.
  flags = rtopt.compilerFlags ++ ltoFlags ++ [ "-frecord-gcc-switches" ];

  train = ''
    profileData=$NIX_BUILD_TOP/profile-data
    plainFlags=''${NIX_CFLAGS_COMPILE-}
    echo "rtopt: building instrumented"
    export NIX_CFLAGS_COMPILE="$plainFlags -fprofile-generate=$profileData"
    make ''${makeFlags[@]-} "''${makeFlagsArray[@]}"${lib.optionalString (target != null) " ${target}"}
    echo "rtopt: training (${pgoLevel})"
    for round in ${rounds}; do
      ${program} ${training} "$round" > /dev/null
    done
    echo "rtopt: $(find "$profileData" -name '*.gcda' | wc -l) files of profile data"
    make clean
    # Missing or unusable profile data is a warning that the evidence reader looks for, not silence. GCC 14.2 crashes in
    # its search for uninitialized variables where a large function has a profile, as MuJS' interpreter does; the build
    # without a profile has searched already.
    export NIX_CFLAGS_COMPILE="$plainFlags -fprofile-use=$profileData -fprofile-correction -Wmissing-profile \
      -Wno-uninitialized"
  '';

  tune =
    package:
    package.overrideAttrs (
      old:
      {
        env = rtopt.appendToEnv (old.env or { }) { NIX_CFLAGS_COMPILE = flags; } // {
          # The wrapper writes the flags of every call into the build log, where `-m verify` counts them.
          NIX_DEBUG = "1";
        };
      }
      // lib.optionalAttrs (pgoLevel != "NONE") {
        preBuild = rtopt.andThen (old.preBuild or null) train;
      }
    );
in
lib.optionalAttrs (prev ? ${attribute} && rtopt.wanted attribute) (
  rtopt.place attribute (rtopt.tuned prev attribute tune)
)
