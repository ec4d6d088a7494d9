# Wrong: the wrapper preloads a file that is not there. The loader says so on standard error and starts node without it.
# https://github.com/jellyfin/jellyfin/issues/14721, https://github.com/getsentry/snuba/pull/5274
# Refuted: nodejs/jemalloc-loaded ("has no jemalloc in /proc/self/maps").
_final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (old: {
    postFixup = (old.postFixup or "") + ''
      mv $out/bin/node $out/bin/.node-wrapped
      {
        echo '#!/bin/sh'
        echo 'export LD_PRELOAD=/usr/lib/libjemalloc.so.2'
        echo "exec $out/bin/.node-wrapped \"\$@\""
      } > $out/bin/node
      chmod +x $out/bin/node
    '';
  });
}
