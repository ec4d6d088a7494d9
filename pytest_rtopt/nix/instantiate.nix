# Stock and optimized derivations of the requested runtimes, from a request that Python wrote.
{ request }:
let
  asked = builtins.fromJSON (builtins.readFile request);
  inherit (asked) profile runtimes;

  overlays = map (import ./overlay.nix profile) asked.overlays;

  set = import ./package-set.nix (
    asked.packages
    // {
      attrs = builtins.concatMap (runtime: runtime.attrs) (builtins.attrValues runtimes);
    }
  );
  inherit (set) stock;
  optimized = set.optimizedBy overlays;

  # A name that was removed from nixpkgs may still be there and throw.
  has =
    packages: attr: packages ? ${attr} && (builtins.tryEval (builtins.isAttrs packages.${attr})).value;

  derivationOf =
    attr: package:
    if !builtins.isAttrs package || !(package ? drvPath) then
      throw "rtopt: the optimized ${attr} is a ${builtins.typeOf package}, not a package"
    else
      {
        drv = builtins.unsafeDiscardStringContext package.drvPath;
        out = builtins.unsafeDiscardStringContext package.outPath;
      };

  describe =
    name: runtime:
    let
      attr = builtins.head (builtins.filter (has stock) runtime.attrs ++ [ null ]);
      added = "${attr}-optimized";
      scope = profile.packages.${runtime.profileAttr}.scope or "replace";
      # A stranger's overlay may put the optimized package beside stock's, too, and says so by the name alone.
      untouched = optimized.${attr}.drvPath == stock.${attr}.drvPath && !(stock ? ${added});
      optimizedAttr = if optimized ? ${added} && (scope == "add" || untouched) then added else attr;
      relaid = import ./layout.nix {
        inherit name;
        inherit (asked) layout;
      };
      programs =
        packages: package:
        let
          built = relaid.programs (
            import ./programs.nix {
              inherit name packages package;
              sources = asked.workloads;
            }
          );
        in
        if built == null then null else derivationOf "${name} programs" built;
    in
    if attr == null then
      null
    else
      {
        inherit attr;
        inputs = import asked.inputs {
          inherit profile;
          inherit (runtime) overlays;
          attr = runtime.profileAttr;
        };
        version = stock.${attr}.version or "unknown";
        # Marked by package sets that bring upstream's binaries, as the embedded one does.
        prebuilt = stock.${attr}.prebuilt or false;
        stock = derivationOf attr (relaid.runtime stock.${attr});
        optimized = derivationOf optimizedAttr (relaid.runtime optimized.${optimizedAttr});
        stockPrograms = programs stock stock.${attr};
        optimizedPrograms = programs optimized optimized.${optimizedAttr};
      };

  # Every package of a small set, to see that nothing else changed. A large set would take minutes.
  everything =
    packages:
    builtins.listToAttrs (
      builtins.concatMap (
        name:
        let
          value = packages.${name};
        in
        if builtins.isAttrs value && value.type or null == "derivation" then
          [
            {
              inherit name;
              value = builtins.unsafeDiscardStringContext value.drvPath;
            }
          ]
        else
          [ ]
      ) (builtins.attrNames packages)
    );
in
{
  runtimes = builtins.mapAttrs describe runtimes;
  inherit (set) overlaid;
  everything =
    if asked.everything && asked.packages.kind == "embedded" then
      {
        stock = everything stock;
        optimized = everything optimized;
      }
    else
      null;
}
