# Wrong: -march goes to the C code of Go programs. Go's own code knows nothing of it, be it the toolchain's or that of
# programs. https://github.com/golang/go/issues/48936, https://github.com/fabiocicerchia/go-proxy-cache/pull/280
# Refuted: go/flags-reach-compiler ("does not export GOAMD64"), go/isa-level, go/goamd64-default, go/programs-inherit.
_final: prev: {
  go_1_24 = prev.go_1_24.overrideAttrs (old: {
    postPatch = (old.postPatch or "") + ''
      echo "CGO_CFLAGS=-O2 -g -march=x86-64-v3" >> go.env
    '';
  });
}
