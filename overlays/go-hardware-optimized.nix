# Go 1.24 whose toolchain is compiled for the profile's x86-64 level and gives that level to what it compiles.
#
# GOAMD64 during make.bash is baked into the toolchain as its default, and compiles the toolchain itself. C flags on
# the derivation would touch no Go code. `go.env` carries the flags that cgo passes to the C compiler.
# ./go-collector.nix has the settings of garbage collection.
#
# Where nixpkgs has no Go 1.24 any more, every `go_1_NN` gets the settings of go_1_24: consumers take theirs by number,
# and which of them is the default cannot be asked without evaluating what is being defined.
hardwareProfile: _final: prev:
let
  inherit (prev) lib;
  rtopt = import ./lib.nix {
    inherit hardwareProfile lib;
    inherit (prev) stdenv;
  };
  collector = import ./go-collector.nix { inherit lib rtopt; };
  pattern = "go_1_[0-9]+";

  tuneFor =
    attr: go:
    let
      goamd64 = (rtopt.settings attr).goamd64 or rtopt.goamd64;
      checked = rtopt.oneOf attr "goamd64" [
        "v1"
        "v2"
        "v3"
        "v4"
      ] goamd64;
      patches =
        lib.optionalString (rtopt.march != null) ''
          echo "CGO_CFLAGS=-O2 -g ${toString rtopt.architectureFlags}" >> go.env
          echo "CGO_CXXFLAGS=-O2 -g ${toString rtopt.architectureFlags}" >> go.env
        ''
        + collector attr go;
    in
    (rtopt.untrained attr go).overrideAttrs (
      old:
      {
        env = (old.env or { }) // lib.optionalAttrs (goamd64 != null) { GOAMD64 = checked; };
      }
      // lib.optionalAttrs (patches != "") {
        postPatch = rtopt.andThen (old.postPatch or null) patches;
      }
      # make.bash runs the compiler that it just built.
      // rtopt.features rtopt.march old
    );

  tuned = attr: rtopt.tuned prev attr (tuneFor attr);

  # The profile's go_1_24 stands for the set's Go where there is no Go 1.24, unless it names the one it means.
  present = rtopt.usable prev "go_1_24";
  named = lib.filter (attr: attr != "go_1_24") (rtopt.asked prev "go_1_24" pattern);
  stands = attr: rtopt.tunedFor "go_1_24" prev attr (tuneFor "go_1_24");
  others = lib.filter (
    attr: attr != "go_1_24" && !(lib.elem attr named) && builtins.match pattern attr != null
  ) (lib.attrNames prev);

  beside = (rtopt.settings "go_1_24").scope or "replace" == "add";
  usual =
    if beside then
      # What is new can ask for the default; what is replaced cannot.
      rtopt.place "go_1_24" (if present then tuned "go_1_24" else stands "go")
    else
      lib.optionalAttrs (prev ? go_1_24) (
        rtopt.place "go_1_24" (if present then tuned "go_1_24" else prev.go_1_24)
      )
      // lib.optionalAttrs (named == [ ]) (
        lib.genAttrs others (
          attr: if present || !(rtopt.usable prev attr) then prev.${attr} else stands attr
        )
      );
in
lib.optionalAttrs (rtopt.wanted "go_1_24" && prev ? go) usual
// lib.foldl' (changes: attr: changes // rtopt.place attr (tuned attr)) { } named
