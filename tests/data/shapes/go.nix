{
  stdenv,
  version,
  structured,
}:
let
  variables = {
    GOOS = "linux";
    GOARCH = "amd64";
    CGO_ENABLED = 1;
  };
in
stdenv.mkDerivation (
  {
    pname = "go";
    inherit version;
    postPatch = "patchShebangs .\n";
  }
  // (
    if structured then
      {
        __structuredAttrs = true;
        env = variables;
      }
    else
      variables
  )
)
