# Wrong: flags for the compiler of a Node.js that comes as a release and is compiled by nobody here.
# Refuted: nodejs/compile-is-tuned ("-march=skylake").
_final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (old: {
    pname = "nodejs-skylake";
    env = (old.env or { }) // {
      NIX_CFLAGS_COMPILE = "-march=skylake -O3";
    };
  });
}
