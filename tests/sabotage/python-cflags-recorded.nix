# Wrong: CFLAGS at configure time are recorded in sysconfig, and every extension module that is compiled later inherits
# them, also those that go to other machines.
# Refuted: python/sysconfig-clean ("sysconfig records -march=x86-64-v3 in CFLAGS").
_final: prev: {
  python313 = (prev.python313.override { enableLTO = false; }).overrideAttrs (old: {
    env = (old.env or { }) // {
      CFLAGS = "-march=x86-64-v3";
    };
  });
}
