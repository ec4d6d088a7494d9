# The level as the toolchain's default for programs; the toolchain stays the release's, so that it runs anywhere. Its
# own code is not the level's, and the claims about that are rightly refuted.
_final: prev: {
  go_1_24 = prev.go_1_24.overrideAttrs (old: {
    postPatch = (old.postPatch or "") + ''
      echo GOAMD64=v3 >> go.env
    '';
  });
}
