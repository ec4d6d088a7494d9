# Wrong: the standard environment of the whole set exports CFLAGS, which a Makefile that assigns it does not see.
# Refuted: lua/flags-reach-compiler ("CFLAGS, which is read by no compiler wrapper"), lua/isa-level.
_final: prev: {
  stdenv = prev.stdenv // {
    mkDerivation =
      attributes:
      (prev.stdenv.mkDerivation attributes).overrideAttrs (old: {
        CFLAGS = prev.lib.concatStringsSep " " [
          "-march=x86-64-v3"
          "-O2"
          (old.CFLAGS or "")
        ];
      });
  };
}
