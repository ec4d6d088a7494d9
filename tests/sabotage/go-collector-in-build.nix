# Wrong: GOGC in the environment of the build of Go is a setting for the compilers of that build, and for nothing that
# comes out of it.
# Refuted: go/compiler-heap ("48 MiB"), go/linker-collector, go/program-collector.
_final: prev: {
  go_1_24 = prev.go_1_24.overrideAttrs (old: {
    env = (old.env or { }) // {
      GOGC = "400";
    };
  });
}
