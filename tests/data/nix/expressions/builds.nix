# Small builds by the host's shell. `salt` makes them new to the store.
{ salt }:
let
  build =
    name: inputs: script:
    derivation {
      inherit name inputs salt;
      system = "x86_64-linux";
      builder = "/bin/bash";
      PATH = "/usr/bin:/bin";
      args = [
        "-ec"
        script
      ];
    };
in
rec {
  phases = build "phases" [ first ] ''
    say() { echo "@nix { \"action\": \"setPhase\", \"phase\": \"$1\" }" >&2; }
    say buildPhase
    # Memory that can be seen: the shell keeps 64 MiB of text for a while.
    text=$(head -c 67108864 /dev/zero | tr '\0' x)
    sleep 1.2
    say installPhase
    echo "''${#text}" >$out
  '';
  first = build "first" [ ] "sleep 0.4; echo first >$out";
  failing = build "failing" [ first ] ''
    for n in $(seq 1 60); do echo "line $n"; done
    echo "main.c:3:1: error: unknown type name 'in'" >&2
    exit 3
  '';
  needsFailing = build "needs-failing" [ failing ] "echo never >$out";
  full = build "full" [ ] ''
    echo "cc: error: writing /build/a.o: No space left on device"
    exit 1
  '';
  endless = build "endless" [ first ] ''
    echo started
    exec sleep 7777
  '';
}
