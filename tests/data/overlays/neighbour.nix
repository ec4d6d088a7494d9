# An overlay of somebody else that sets flags and a variable on the same packages.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = toString [
        (old.env.NIX_CFLAGS_COMPILE or "")
        "-DNEIGHBOUR"
      ];
      NEIGHBOUR = "1";
    };
  });
  go_1_24 = prev.go_1_24.overrideAttrs (old: {
    env = (old.env or { }) // {
      NEIGHBOUR = "1";
    };
  });
}
