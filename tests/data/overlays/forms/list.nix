[
  (_final: prev: {
    lua5_4 = prev.lua5_4.overrideAttrs (old: {
      makeFlags = (old.makeFlags or [ ]) ++ [ "MYCFLAGS=-march=x86-64-v3" ];
    });
  })
  (import ./second.nix)
]
