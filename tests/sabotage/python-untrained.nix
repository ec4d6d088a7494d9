# Wrong: the task of the training is a program that does nothing: a profile is there and says that nothing is hot.
# Refuted: python/pgo-used.
_final: prev: {
  python313 =
    (prev.python313.override {
      enableLTO = false;
      enableOptimizations = true;
      reproducibleBuild = false;
    }).overrideAttrs
      (old: {
        env = (old.env or { }) // {
          PROFILE_TASK = "-c pass";
        };
      });
}
