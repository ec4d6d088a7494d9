# Wrong: the toolchain's default is v3, and the set's builder exports v1 for every program; the environment wins.
# Refuted: go/programs-inherit ("was compiled for v1"), go/goamd64-default ("programs were compiled for other levels"); and
# go/flags-reach-compiler and go/isa-level, since the toolchain's own code stays the release's.
_final: prev: {
  go_1_24 = prev.go_1_24.overrideAttrs (old: {
    postPatch = (old.postPatch or "") + ''
      echo GOAMD64=v3 >> go.env
    '';
  });
  buildGo124Module =
    arguments:
    prev.buildGo124Module (
      arguments
      // {
        env = (arguments.env or { }) // {
          GOAMD64 = "v1";
        };
      }
    );
}
