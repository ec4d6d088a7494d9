# Wrong: the name says skylake and the program is the release's, which nothing compiles.
# Refuted: nodejs/compile-is-tuned ("only the name differs").
_final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (_: {
    pname = "nodejs-skylake";
  });
}
