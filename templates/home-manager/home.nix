{ pkgs, ... }:
{
  home = {
    username = "me";
    homeDirectory = "/home/me";
    stateVersion = "25.11";
    packages = [
      pkgs.go_1_24
      pkgs.nodejs_24
      pkgs.python313
    ];
  };
}
