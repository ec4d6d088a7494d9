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

  packages = {
    lua5_4.enable = false;
    go_1_24.enable = false;
    nodejs_24.enable = false;
    rust.enable = false;
    python313.enable = false;
  };
}
