# Flags in a configuration file of cargo's, for the target alone.
_final: prev: {
  rustPlatform = prev.rustPlatform // {
    buildRustPackage =
      arguments:
      (prev.rustPlatform.buildRustPackage arguments).overrideAttrs (old: {
        preBuild = (old.preBuild or "") + ''
          mkdir -p .cargo
          {
            echo '[target.x86_64-unknown-linux-gnu]'
            echo 'rustflags = ["-Ctarget-cpu=x86-64-v3"]'
          } >> .cargo/config.toml
        '';
      });
  };
}
