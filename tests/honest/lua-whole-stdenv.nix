# The standard environment of the whole package set is replaced by one that adds the flags to every package.
_final: prev: {
  stdenv = prev.stdenv // {
    mkDerivation =
      attributes:
      (prev.stdenv.mkDerivation attributes).overrideAttrs (old: {
        env = (old.env or { }) // {
          NIX_CFLAGS_COMPILE = "${old.env.NIX_CFLAGS_COMPILE or ""} -march=x86-64-v3";
        };
      });
  };
}
