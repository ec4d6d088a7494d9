{ pkgs, ... }:
{
  home = {
    username = "me";
    homeDirectory = "/home/me";
    stateVersion = "25.11";
    packages = [
      pkgs.go
      pkgs.nodejs_24
      pkgs.python313
    ];
  };
}
