# All overlays as one. A runtime that the ledger rejects is left out, and so is one that is stale, which is what an
# update of nixpkgs makes of all of them: the package set's own, cached build comes back without an editor, until the
# runtime is judged again.
#
#   overlays = [ (import ./overlays { profile = import ./profiles/my-machine.nix; ledger = ./rtopt.lock.json; }) ];
#
# `gate.stale = "warn"` in the profile keeps what is stale.
{
  profile,
  ledger ? null,
  # Names of runtimes; null for all
  runtimes ? null,
  # Leave out what the ledger does not know as good, too: what is new stays stock until it is judged
  judgedOnly ? false,
}:
let
  known = import ./runtimes.nix;
  names = if runtimes == null then builtins.attrNames known else runtimes;
  unknown = builtins.filter (name: !(known ? ${name})) names;

  judged = import ./judged.nix {
    inherit profile ledger judgedOnly;
    runtimes = known;
  };
  kept = builtins.filter (name: judged.${name}.applied && builtins.elem name names) (
    builtins.attrNames known
  );

  # Names of attributes must not depend on packages, or the set could not be built: only values do.
  falling =
    prev: stock: name: changes:
    builtins.mapAttrs (
      attr: value:
      let
        plain = builtins.head (builtins.match "(.*)-optimized" attr);
        # The package set may have another version than the overlay is named after.
        usable = prev ? ${plain} && (builtins.tryEval prev.${plain}).success;
        before = prev.${attr} or prev.${if usable then plain else known.${name}.packageIn prev};
      in
      if judged.${name}.fresh stock then value else before
    ) changes;
in
if unknown != [ ] then
  throw "rtopt: there is no runtime ${toString unknown}; known are ${toString (builtins.attrNames known)}"
else
  final: prev:
  let
    # The same packages without any overlay: what the suites call stock.
    stock = import prev.path {
      inherit (prev) config;
      inherit (prev.stdenv.hostPlatform) system;
      overlays = [ ];
    };
  in
  builtins.foldl' (
    changes: name:
    let
      before = prev // changes;
    in
    changes // falling before stock name (import known.${name}.overlay profile final before)
  ) { } kept
