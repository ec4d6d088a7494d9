# A derivation that builds only where builds see the host's compilers; `attempt` makes each way of trying its own.
{ attempt }:
derivation {
  name = "rtopt-probe";
  system = "x86_64-linux";
  builder = "/bin/sh";
  inherit attempt;
  args = [
    "-c"
    "test -x /usr/bin/gcc && test -x /bin/bash && : > $out"
  ];
}
