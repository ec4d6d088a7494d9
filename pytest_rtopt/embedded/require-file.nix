# A source file that must already be in the store; `pytest_rtopt.sources` puts it there, by the same name and hash.
{ system }:
{
  name,
  sha256,
  # Whether it is a directory; the hash is then that of its NAR.
  recursive ? false,
}:
derivation {
  inherit name system;
  builder = "/bin/sh";
  args = [
    "-c"
    ''echo "the source $name (sha256 ${sha256}) is not in the store" >&2; exit 1''
  ];
  outputHashMode = if recursive then "recursive" else "flat";
  outputHashAlgo = "sha256";
  outputHash = sha256;
  preferLocalBuild = true;
}
