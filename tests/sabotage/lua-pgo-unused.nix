# Wrong: the program is built instrumented and trained, and then built again without the profile: -fprofile-use stands
# in CFLAGS, which Lua's own Makefile sets and the environment cannot.
# Refuted: lua/pgo-used ("the code was not laid out by a profile").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=x86-64-v3 -O3";
      NIX_DEBUG = "1";
    };
    preBuild = ''
      plainFlags=$NIX_CFLAGS_COMPILE
      export NIX_CFLAGS_COMPILE="$plainFlags -fprofile-generate=$NIX_BUILD_TOP/profile"
      make PLAT=linux
      src/lua -e 'local t = {} for i = 1, 200000 do t[#t + 1] = ("%d"):format(i) end print(#table.concat(t))'
      make clean
      export NIX_CFLAGS_COMPILE=$plainFlags
      export CFLAGS="-fprofile-use=$NIX_BUILD_TOP/profile"
    '';
  });
}
