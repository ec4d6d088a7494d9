# Wrong: `go` is only another name for `go_1_24`, which is what buildGo124Module and all packages take.
# Refuted: go/flags-reach-compiler and all that follow from it ("no overlay changed this runtime").
_final: prev: {
  go = prev.go.overrideAttrs (old: {
    env = (old.env or { }) // {
      GOAMD64 = "v3";
    };
  });
}
