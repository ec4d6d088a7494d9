# What the flake offers as lib.
let
  shipped = ../profiles;
  known = builtins.fromJSON (builtins.readFile ../overlays/microarchitectures.json);

  merged =
    base: changes:
    base
    // builtins.mapAttrs (
      name: value:
      if builtins.isAttrs value && builtins.isAttrs (base.${name} or null) then
        merged base.${name} value
      else
        value
    ) changes;

  checked =
    profile:
    let
      march = profile.build.compiler.march or null;
    in
    if march == null || known ? ${march} then
      profile
    else
      throw "rtopt: build.compiler.march = \"${march}\" is not an x86-64 architecture that GCC knows; `pytest -m generate --rtopt-profile host` finds this machine's";
in
{
  # A profile from a file, from fields, or from fields over a shipped one: mkProfile { from = "shoshin"; cpu.cores = 8; }
  mkProfile =
    given:
    if !builtins.isAttrs given then
      checked (import given)
    else
      let
        base =
          if !(given ? from) then
            { }
          else if builtins.pathExists (shipped + "/${given.from}.nix") then
            import (shipped + "/${given.from}.nix")
          else
            throw "rtopt: there is no profile \"${given.from}\"; shipped are ${toString (builtins.attrNames (builtins.readDir shipped))}";
      in
      checked (merged base (removeAttrs given [ "from" ]));

  # The list for nixpkgs' `overlays`: mkOverlays { profile = …; ledger = ./rtopt.lock.json; }
  mkOverlays = arguments: [ (import ../overlays arguments) ];
}
