# deadnix: skip
self: super: oldAttrs: {
  lua5_4 = super.lua5_4.overrideAttrs (old: {
    env = old.env or { } // {
      NIX_CFLAGS_COMPILE = "-O3";
    };
  });
}
