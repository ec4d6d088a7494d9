# The level and nothing else: make.bash bakes it in.
_final: prev: {
  go_1_24 = prev.go_1_24.overrideAttrs (old: {
    env = (old.env or { }) // {
      GOAMD64 = "v3";
    };
  });
}
