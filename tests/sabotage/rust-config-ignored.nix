# Wrong: the target-cpu stands in cargo's configuration, of which cargo reads no flags as soon as RUSTFLAGS is set, be
# it for debugging information. https://github.com/NixOS/nixpkgs/pull/221413
# Refuted: rust/programs-target-cpu ("0 of").
_final: prev: {
  rustPlatform = prev.rustPlatform // {
    buildRustPackage =
      arguments:
      (prev.rustPlatform.buildRustPackage arguments).overrideAttrs (old: {
        env = (old.env or { }) // {
          RUSTFLAGS = "-Cdebuginfo=1";
        };
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
