# shellcheck shell=bash
# Runs before Node's own build: builds it instrumented, trains it, and configures it anew to be built with the profile.
#
# Node was configured with --enable-pgo-use, and its configure script wrote the command that did it to config.status. GCC
# keeps the profile of an object beside it, and looks for it there when it compiles the object again. So the first build
# happens in the same place, and everything of it goes but the profiles.
rtoptTrainNode() {
  local training=$1 configured=$NIX_BUILD_TOP/rtopt-config.status profiles
  cp config.status "$configured" # configure writes its own anew
  if ! grep -qF -e --enable-pgo-use "$configured"; then
    echo "rtopt: config.status does not say how Node was configured, so it cannot be trained; leave pgoLevel out" >&2
    return 1
  fi

  echo "rtopt: building instrumented"
  sed 's/--enable-pgo-use/--enable-pgo-generate/' "$configured" | sh
  # V8 compiles on threads of its own, and counts of several threads must not overwrite each other.
  NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE-} -fprofile-update=prefer-atomic" make "-j${NIX_BUILD_CORES:-1}"

  echo "rtopt: training (FULL)"
  out/Release/node "$training"
  find out -type f ! -name '*.gcda' -delete
  profiles=$(find out -name '*.gcda' | wc -l)
  echo "rtopt: $profiles files of profile data"
  if [[ $profiles == 0 ]]; then
    echo "rtopt: the training left no profile" >&2
    return 1
  fi

  sh "$configured"
  # Missing or unusable profile data is a warning that the evidence reader looks for, not silence.
  export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE-} -Wmissing-profile"
}
