# The derivations of targets, in a package set without overlays or with some; null for what is no package there.
{ request }:
let
  asked = builtins.fromJSON (builtins.readFile request);
  set = import ./package-set.nix (asked.packages // { inherit (asked) attrs shipped; });
  packages =
    if asked.overlays == null then
      set.stock
    else
      set.optimizedBy (builtins.concatMap (import ./overlay.nix asked.profile) asked.overlays);

  derivationAt =
    path:
    let
      step = inner: name: if builtins.isAttrs inner then inner.${name} or null else null;
      found = builtins.foldl' step packages path;
    in
    if builtins.isAttrs found && found ? drvPath then
      builtins.unsafeDiscardStringContext found.drvPath
    else
      null;

  # What throws, as removed names and broken packages do, is no package unless somebody asked for it by name.
  quietly =
    path:
    let
      tried = builtins.tryEval (derivationAt path);
    in
    if tried.success then tried.value else null;
in
builtins.mapAttrs (_: if asked.named then derivationAt else quietly) asked.targets
