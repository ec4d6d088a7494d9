# The embedded set's Go as it is, and the same compiled from its sources: the derivation that `which` names.
{
  embedded,
  compiler,
  which,
}:
let
  packages = import (/. + embedded) { inherit compiler; };
in
{
  kept = packages.go_1_24;
  compiled = packages.go_1_24.overrideAttrs (_: {
    rebuildToolchain = "1";
  });
}
.${which}
