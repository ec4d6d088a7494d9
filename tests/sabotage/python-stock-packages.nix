# Wrong: the package set of the interpreter is made from `self`, which is stock's. `withPackages` gives stock's Python.
# https://github.com/NixOS/nixpkgs/pull/331746, https://github.com/NixOS/nixpkgs/issues/163639
# Refuted: python/with-packages-uses-it ("which is not below").
_final: prev: {
  python313 =
    (prev.python313.override {
      enableLTO = false;
      self = prev.python313;
    }).overrideAttrs
      (old: {
        env = (old.env or { }) // {
          NIX_CFLAGS_COMPILE = "-march=x86-64-v3";
        };
      });
}
