# A wrapper preloads jemalloc, as images for containers do.
final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (old: {
    postFixup = (old.postFixup or "") + ''
      mv $out/bin/node $out/bin/.node-wrapped
      {
        echo '#!/bin/sh'
        echo "export LD_PRELOAD=${final.jemalloc}/lib/libjemalloc.so.2\''${LD_PRELOAD:+:\$LD_PRELOAD}"
        echo "exec $out/bin/.node-wrapped \"\$@\""
      } > $out/bin/node
      chmod +x $out/bin/node
    '';
  });
}
