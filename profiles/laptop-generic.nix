# Any x86-64 laptop since 2013 (Haswell, Zen): nothing is rebuilt, so everything comes from the binary cache.
{
  system = {
    hostname = "laptop-generic";
    type = "laptop";
  };

  build = {
    compiler = {
      march = "x86-64-v3";
      mtune = "generic";
      optimizationLevel = "2";
    };

    parallelism = {
      maxJobs = 1;
      maxCores = 2;
    };
  };

  # Every runtime that there is an overlay for. To optimize one of them, change it in a profile that is made from this
  # one: `mkProfile { from = "laptop-generic"; packages.lua5_4.enable = true; }`.
  packages = builtins.listToAttrs (
    map (runtime: {
      name = runtime.profileAttribute;
      value.enable = false;
    }) (builtins.attrValues (import ../overlays/runtimes.nix))
  );
}
