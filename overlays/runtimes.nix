# The runtimes: their name under `packages` in a profile, the package that is judged, and their overlay.
{
  go = {
    attr = "go_1_24";
    package = "go_1_24";
    overlay = ./go-hardware-optimized.nix;
  };
  lua = {
    attr = "lua5_4";
    package = "lua5_4";
    overlay = ./lua-hardware-optimized.nix;
  };
  nodejs = {
    attr = "nodejs_24";
    package = "nodejs_24";
    overlay = ./nodejs-hardware-optimized.nix;
  };
  python = {
    attr = "python313";
    package = "python313";
    overlay = ./python-hardware-optimized.nix;
  };
  rust = {
    attr = "rust";
    package = "rustc";
    overlay = ./rust-hardware-optimized.nix;
  };
}
