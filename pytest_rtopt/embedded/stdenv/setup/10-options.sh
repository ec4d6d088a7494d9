# Setup of every build, in the files of this directory one after the other: functions, hooks, inputs and phases with the
# names, the order and the meaning of nixpkgs' `setup.sh`.
#
# The shell options while it is read are strict. At its end those of the builder (`bash -e`) come back, so that phases
# and hooks run with -e, without -u, and with what this file turns on besides: pipefail, nullglob, inherit_errexit.
__builder_options=$-
set -eu -o pipefail
shopt -s inherit_errexit

if ! [[ -z ${NIX_DEBUG-} || $NIX_DEBUG == [0-7] ]]; then
  echo "The \`NIX_DEBUG\` environment variable has an unexpected value: $NIX_DEBUG"
  echo "It can only be unset or an integer between 0 and 7."
  exit 1
fi
if ((${NIX_DEBUG:-0} >= 6)); then set -x; fi

# With structured attributes Nix exports nothing itself: the outputs and `env` are exported here, and every other
# attribute is a shell variable that no compiler sees.
if [[ -n ${NIX_ATTRS_JSON_FILE-}${NIX_ATTRS_SH_FILE-} ]]; then
  __structuredAttrs=1
  for __name in "${!outputs[@]}"; do declare -x "$__name=${outputs[$__name]}"; done
  for __name in "${!env[@]}"; do declare -x "$__name=${env[$__name]}"; done
else
  __structuredAttrs=
  : "${outputs:=out}"
fi
unset -v __name

getAllOutputNames() {
  if [[ -n $__structuredAttrs ]]; then echo "${!outputs[*]}"; else echo "$outputs"; fi
}

# Nothing is moved between outputs: a package that has several fills them itself.
__outputs=" $(getAllOutputNames) "
: "${outputDev:=$(if [[ $__outputs == *" dev "* ]]; then echo dev; else echo out; fi)}"
: "${outputBin:=$(if [[ $__outputs == *" bin "* ]]; then echo bin; else echo out; fi)}"
: "${outputLib:=$(if [[ $__outputs == *" lib "* ]]; then echo lib; else echo out; fi)}"
unset -v __outputs

# Messages of level 0 (errors) to 7, to Nix's own log.
nixLog() {
  if [[ -n ${NIX_LOG_FD-} ]]; then printf '%s: %s\n' "${FUNCNAME[1]}" "$*" >&"$NIX_LOG_FD"; fi
}
__logAt() {
  if [[ -n ${NIX_LOG_FD-} ]] && ((${NIX_DEBUG:-0} >= $1)); then
    printf '%s: %s: %s\n' "$2" "${FUNCNAME[2]}" "$3" >&"$NIX_LOG_FD"
  fi
}
nixErrorLog() { __logAt 0 ERROR "$*"; }
nixWarnLog() { __logAt 1 WARN "$*"; }
nixNoticeLog() { __logAt 2 NOTICE "$*"; }
nixInfoLog() { __logAt 3 INFO "$*"; }
nixTalkativeLog() { __logAt 4 TALKATIVE "$*"; }
nixChattyLog() { __logAt 5 CHATTY "$*"; }
nixDebugLog() { __logAt 6 DEBUG "$*"; }
nixVomitLog() { __logAt 7 VOMIT "$*"; }

# A command in one line, with its words told apart.
echoCmd() {
  printf '%s:' "$1"
  shift
  printf ' %q' "$@"
  echo
}
printLines() { if (($# > 0)); then printf '%s\n' "$@"; fi; }
printWords() { if (($# > 0)); then printf '%s ' "$@"; fi; }

exitHandler() {
  exitCode=$?
  set +e
  if ((exitCode == 0)); then
    runHook exitHook
  else
    runHook failureHook
    if [[ -n ${succeedOnFailure-} ]]; then
      echo "build failed with exit code $exitCode (ignored)"
      mkdir -p "$out/nix-support"
      printf '%s' "$exitCode" >"$out/nix-support/failed"
      exit 0
    fi
  fi
  return "$exitCode"
}
trap exitHandler EXIT
