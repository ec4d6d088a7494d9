# Wrong: the package's own preConfigure assigns CFLAGS_NODIST after `env` has set it.
# Refuted: python/flags-reach-compiler ("CFLAGS_NODIST, which is read by no compiler wrapper"), python/isa-level,
# python/static-tls.
_final: prev: {
  python313 = (prev.python313.override { enableLTO = false; }).overrideAttrs (old: {
    env = (old.env or { }) // {
      CFLAGS_NODIST = "-march=x86-64-v3 -ftls-model=initial-exec";
    };
  });
}
