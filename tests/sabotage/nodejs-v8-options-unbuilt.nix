# Wrong: --v8-options is an argument of Node.js' configure, and this Node.js comes configured.
# Refuted: nodejs/v8-options ("but --max-lazy is requested").
_final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (old: {
    configureFlags = (old.configureFlags or [ ]) ++ [ "--v8-options=--max-lazy" ];
  });
}
