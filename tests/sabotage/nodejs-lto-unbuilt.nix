# Wrong: --enable-lto is an argument of Node.js' configure, and nothing configures or links a release that is unpacked.
# Refuted: nodejs/compile-is-tuned ("link-time optimization changes the hash but no code").
_final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (old: {
    configureFlags = (old.configureFlags or [ ]) ++ [ "--enable-lto" ];
  });
}
