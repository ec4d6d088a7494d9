# Lua 5.4 for the profile's CPU, with link-time optimization and, where asked, profile-guided optimization.
#
# pgoLevel: "NONE" builds once; "LIGHT" and "FULL" build instrumented, run ./training/lua.lua (once, or over three
# sizes of its inputs), and build again with the profile, all inside one derivation.
hardwareProfile: _final: prev:
let
  inherit (prev) lib;
  rtopt = import ./lib.nix {
    inherit hardwareProfile lib;
    inherit (prev) stdenv;
  };
  settings = rtopt.settings "lua5_4";
  pgoLevel = rtopt.oneOf "lua5_4" "pgoLevel" [
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
    make ''${makeFlags[@]-} "''${makeFlagsArray[@]}"
    echo "rtopt: training (${pgoLevel})"
    for round in ${rounds}; do
      src/lua ${./training/lua.lua} "$round" > /dev/null
    done
    echo "rtopt: $(find "$profileData" -name '*.gcda' | wc -l) files of profile data"
    make clean
    # Missing or unusable profile data is a warning that the evidence reader looks for, not silence.
    export NIX_CFLAGS_COMPILE="$plainFlags -fprofile-use=$profileData -fprofile-correction -Wmissing-profile"
  '';

  tune =
    lua:
    lua.overrideAttrs (
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
lib.optionalAttrs (prev ? lua5_4 && rtopt.wanted "lua5_4") (
  rtopt.place "lua5_4" (rtopt.tuned prev "lua5_4" tune)
)
