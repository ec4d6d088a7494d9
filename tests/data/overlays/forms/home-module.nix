{ pkgs, ... }:
{
  nixpkgs = {
    config = {
      allowUnfree = true;
      gcc.arch = "znver2";
      gcc.tune = "znver2";
    };
    overlays = [ (_: _: { }) ];
  };
  home.packages = [
    pkgs.nodejs_24
    pkgs.lua5_4
  ];
}
