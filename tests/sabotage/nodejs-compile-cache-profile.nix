# Wrong: the variable stands in a file for login shells, which no service, editor or script is started from.
# Refuted: nodejs/compile-cache ("finds no compiled code").
_final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (old: {
    postInstall = (old.postInstall or "") + ''
      mkdir -p $out/etc/profile.d
      echo 'export NODE_COMPILE_CACHE=$HOME/.cache/node-compile-cache' > $out/etc/profile.d/node.sh
    '';
  });
}
