# Configurations that tune every package, as `nixpkgs.hostPlatform.gcc.arch` and `nixpkgs.config` do it.
{
  outputs =
    _:
    let
      system = "x86_64-linux";
      tuned = {
        inherit system;
        gcc.arch = "skylake";
        gcc.tune = "skylake";
      };
      tune = _: packages: packages // { flags = "-march=skylake"; };
    in
    {
      plain.pkgs = import ./packages { inherit system; };
      platformOnly.pkgs = import ./packages { localSystem = tuned; };
      platformAndOverlay.pkgs = import ./packages {
        localSystem = tuned;
        overlays = [ (_: _: { greeting = "hello"; }) ];
      };
      otherStdenv.pkgs = import ./packages {
        inherit system;
        config.replaceStdenv = { pkgs }: tune null pkgs.stdenv;
      };
      configured.pkgs = import ./packages {
        inherit system;
        config.packageOverrides = pkgs: { stdenv = tune null pkgs.stdenv; };
      };
    };
}
