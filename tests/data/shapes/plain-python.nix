# A Python that is not made by a function: `override` is not there, or knows no arguments.
_: _final: prev: {
  python313 =
    let
      python = prev.stdenv.mkDerivation {
        pname = "python3";
        version = "3.13.5";
        configureFlags = [ "--enable-shared" ];
        # A last line without an end.
        postPatch = "touch patched";
        passthru = {
          pkgs = { inherit python; };
          withPackages = _: python;
        };
      };
    in
    python;
}
