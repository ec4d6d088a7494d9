# A derivation that builds only where Nix runs the toolchain's busybox; `attempt` makes each way of trying its own.
{
  attempt,
  toolchains,
  name,
}:
derivation {
  name = "rtopt-toolchain-probe";
  system = "x86_64-linux";
  builder = (import toolchains { inherit name; }).busybox;
  inherit attempt;
  args = [
    "sh"
    "-c"
    ": > $out"
  ];
}
