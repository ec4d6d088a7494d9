# Server with AVX-512 (Skylake-SP, Zen 4 and later): one build for all of them.
{
  system = {
    hostname = "server-v4";
    type = "server";
  };

  build = {
    compiler = {
      march = "x86-64-v4";
      mtune = "generic";
      optimizationLevel = "3";
    };

    # 0 is every core that the machine has.
    parallelism = {
      maxJobs = 1;
      maxCores = 0;
    };
  };

  packages = {
    lua5_4 = {
      enable = true;
      pgoLevel = "LIGHT";
      enableLTO = true;
    };

    go_1_24 = {
      enable = true;
      goamd64 = "v4";
    };

    nodejs_24.enable = true;

    rust = {
      enable = true;
      targetCpu = "x86-64-v4";
    };

    python313 = {
      enable = true;
      pgoLevel = "LIGHT";
      enableLTO = true;
      staticInterpreter = true;
    };
  };
}
