"""The only caller of Nix."""
