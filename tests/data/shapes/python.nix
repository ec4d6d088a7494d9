{
  stdenv,
  self,
  structured,
  pythonAttr ? "python313",
  enableOptimizations ? false,
  enableLTO ? true,
  reproducibleBuild ? false,
}:
assert reproducibleBuild -> !enableOptimizations;
stdenv.mkDerivation {
  pname = "python3";
  version = "3.13.9";
  __structuredAttrs = structured;
  configureFlags = [
    "--enable-shared"
  ]
  ++ (if enableLTO then [ "--with-lto" ] else [ ])
  ++ (if enableOptimizations then [ "--enable-optimizations" ] else [ ]);
  env = {
    CPPFLAGS = "-I/include";
    NIX_LDFLAGS = "-lgcc_s";
  };
  passthru = {
    inherit pythonAttr;
    pkgs.python = self;
    withPackages =
      _:
      stdenv.mkDerivation {
        pname = "python3-env";
        version = "3.13.9";
        buildInputs = [ self ];
      };
  };
}
