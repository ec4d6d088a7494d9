# Wrong: a part of the profile is copied to where the compiler looks for it, and the other units are compiled without.
# There are many functions with a cold part, so that the program looks trained.
# https://github.com/python/cpython/issues/117804
# Refuted: lua/pgo-used ("no profile was found for 20 of").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_DEBUG = "1";
    };
    preBuild = (old.preBuild or "") + ''
      export NIX_CFLAGS_COMPILE="-fprofile-generate=$NIX_BUILD_TOP/profile"
      make PLAT=linux
      src/lua -e 'local t = {} for i = 1, 200000 do t[#t + 1] = ("%d"):format(i) end print(#table.concat(t))'
      make clean
      mkdir "$NIX_BUILD_TOP/kept"
      cp "$NIX_BUILD_TOP"/profile/*#src#l[p-z]*.gcda "$NIX_BUILD_TOP/kept"
      export NIX_CFLAGS_COMPILE="-fprofile-use=$NIX_BUILD_TOP/kept"
    '';
  });
}
