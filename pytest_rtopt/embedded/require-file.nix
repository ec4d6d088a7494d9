# A source file that must already be in the store; `pytest_rtopt.sources` puts it there, by the same name and hash.
{ system }:
{ name, sha256 }:
derivation {
  inherit name system;
  builder = "/bin/sh";
  args = [
    "-c"
    ''echo "the source $name (sha256 ${sha256}) is not in the store" >&2; exit 1''
  ];
  outputHashMode = "flat";
  outputHashAlgo = "sha256";
  outputHash = sha256;
  preferLocalBuild = true;
}
