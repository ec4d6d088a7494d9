# As nixpkgs' module of this name, for evaluations without nixpkgs.
{ lib, ... }:
{
  options.meta = lib.mkOption {
    type = lib.types.attrsOf lib.types.raw;
    default = { };
  };
}
