# Wrong: the library is named to a linker that is never called. https://github.com/nodejs/node/issues/21973 is what
# people expect of it.
# Refuted: nodejs/jemalloc-loaded ("has no jemalloc in /proc/self/maps").
_final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (old: {
    env = (old.env or { }) // {
      NIX_LDFLAGS = "-ljemalloc";
    };
  });
}
