# A package set, however the user named it, without and with overlays.
{
  # "embedded" | "path" | "flake"
  kind,
  # What to import (embedded, path), or the flake reference
  location,
  # Attribute path of the packages in a flake
  attributePath ? [ ],
  compiler ? "unknown",
  rust ? null,
  # Attributes of which one that differs shows that a flake's packages are overlaid already
  attrs ? [ ],
  system ? "x86_64-linux",
}:
let
  importWith =
    overlays:
    import location (
      { inherit overlays; } // (if kind == "embedded" then { inherit compiler rust; } else { })
    );

  name = "${location}#${builtins.concatStringsSep "." attributePath}";
  flake = builtins.getFlake location;
  given = builtins.foldl' (
    set: attribute:
    if builtins.isAttrs set && set ? ${attribute} then
      set.${attribute}
    else
      throw "rtopt: the flake ${location} has no attribute ${builtins.concatStringsSep "." attributePath}; name the packages after #, as in .#homeConfigurations.me.pkgs"
  ) flake attributePath;
  source =
    if builtins.isAttrs given && given ? path then
      given.path
    else
      throw "rtopt: ${name} is no package set: it has no `path` that leads to its nixpkgs";
  # Packages of the same nixpkgs, system and config under other overlays.
  again =
    overlays:
    import source {
      inherit overlays system;
      config = given.config or { };
    };
  plain = again [ ];
  own = given.overlays or [ ];

  drvOf =
    packages: attr:
    let
      tried = builtins.tryEval (packages.${attr}.drvPath or null);
    in
    if tried.success then tried.value else null;
  differs = attr: drvOf given attr != drvOf plain attr;
  # With our overlays under whatever names they make, among overlays that may be about other things.
  overlaid = own != [ ] && builtins.any differs (attrs ++ map (attr: "${attr}-optimized") attrs);
in
if kind == "flake" then
  {
    inherit source overlaid;
    # The user's real configuration is what is judged: against plain packages where it has the runtimes overlaid,
    # else against itself with the overlays on top of its own. Nothing is applied twice.
    stock = builtins.seq source (if overlaid then plain else given);
    optimizedBy = overlays: if overlaid then given else again (own ++ overlays);
  }
else
  {
    source = location;
    stock = importWith [ ];
    optimizedBy = importWith;
    overlaid = false;
  }
