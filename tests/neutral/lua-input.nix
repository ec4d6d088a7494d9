# Adds an input that the build does not use.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    buildInputs = (old.buildInputs or [ ]) ++ [ (builtins.toFile "notes" "# for later") ];
  });
}
