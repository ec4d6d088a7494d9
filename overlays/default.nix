# All overlays as one. A runtime that the ledger rejects is left out, so that the package set's own, cached build comes
# back without an editor:
#
#   overlays = [ (import ./overlays { profile = import ./profiles/my-machine.nix; ledger = ./rtopt.lock.json; }) ];
{
  profile,
  ledger ? null,
}:
let
  remembered =
    if ledger == null || !builtins.pathExists ledger then
      { }
    else
      (builtins.fromJSON (builtins.readFile ledger)).runtimes or { };
  rejected = runtime: (remembered.${runtime}.verdict or "pending") == "reject";

  byRuntime = {
    go = ./go-hardware-optimized.nix;
    lua = ./lua-hardware-optimized.nix;
    nodejs = ./nodejs-hardware-optimized.nix;
    python = ./python-hardware-optimized.nix;
    rust = ./rust-hardware-optimized.nix;
  };
  kept = builtins.filter (runtime: !rejected runtime) (builtins.attrNames byRuntime);
in
final: prev:
builtins.foldl' (
  changes: runtime: changes // import byRuntime.${runtime} profile final (prev // changes)
) { } kept
