# Wrong: the training is killed by its time limit before it has written a profile, and `|| true` lets the build go on.
# Refuted: lua/pgo-used ("the code was not laid out by a profile").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_DEBUG = "1";
    };
    preBuild = (old.preBuild or "") + ''
      export NIX_CFLAGS_COMPILE="-fprofile-generate=$NIX_BUILD_TOP/profile"
      make PLAT=linux
      timeout -s KILL 1 src/lua -e 'while true do end' || true
      make clean
      export NIX_CFLAGS_COMPILE="-fprofile-use=$NIX_BUILD_TOP/profile"
    '';
  });
}
