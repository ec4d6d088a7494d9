# Setup hook with `makeWrapper` and `wrapProgram`: programs started by a script that sets their surroundings first.

assertExecutable() {
  if ! [[ -f $1 && -x $1 ]]; then
    echo "Cannot wrap '$1' because it is not an executable file" >&2
    exit 1
  fi
}

# The lines that put each part of a value into a list variable, in front (prefix; a part that is there moves) or behind
# (suffix; a part that is there stays).
__wrapperList() {
  local mode=$1 variable=$2 separator=$3 part
  local -a parts=()
  IFS=$separator read -r -d '' -a parts < <(printf '%s\0' "$4") || true
  if [[ $mode == prefix ]]; then
    local -a reversed=()
    for part in ${parts[@]+"${parts[@]}"}; do reversed=("$part" ${reversed[@]+"${reversed[@]}"}); done
    parts=(${reversed[@]+"${reversed[@]}"})
  fi
  local s=${separator@Q} p
  for part in ${parts[@]+"${parts[@]}"}; do
    p=${part@Q}
    echo "$variable=\${$variable:+$s\$$variable$s}"
    if [[ $mode == prefix ]]; then
      echo "$variable=\${$variable/$s$p$s/$s}"
      echo "$variable=$p\$$variable"
    else
      echo "if [[ \$$variable != *$s$p$s* ]]; then"
      echo "    $variable=\$$variable$p"
      echo "fi"
    fi
    echo "$variable=\${$variable#$s}"
    echo "$variable=\${$variable%$s}"
    echo "export $variable"
  done
}

makeWrapper() { makeShellWrapper "$@"; }
makeShellWrapper() {
  local original=$1 wrapper=$2 argv0='' before='' after='' mode value
  shift 2
  assertExecutable "$original"
  mkdir -p "$(dirname "$wrapper")"
  {
    echo "#! @shell@ -e"
    while (($#)); do
      case "$1" in
        --set) echo "export $2=${3@Q}" && shift 3 ;;
        --set-default) echo "export $2=\${$2-${3@Q}}" && shift 3 ;;
        --unset) echo "unset $2" && shift 2 ;;
        --chdir) echo "cd ${2@Q}" && shift 2 ;;
        --run) echo "$2" && shift 2 ;;
        --prefix | --suffix) __wrapperList "${1#--}" "$2" "$3" "$4" && shift 4 ;;
        --prefix-each | --suffix-each)
          mode=${1#--} mode=${mode%-each}
          for value in $4; do __wrapperList "$mode" "$2" "$3" "$value"; done
          shift 4
          ;;
        --prefix-contents | --suffix-contents)
          mode=${1#--} mode=${mode%-contents}
          for value in $4; do __wrapperList "$mode" "$2" "$3" "$(<"$value")"; done
          shift 4
          ;;
        --add-flag) before+=" ${2@Q}" && shift 2 ;;
        --append-flag) after+=" ${2@Q}" && shift 2 ;;
        --add-flags) before+=" $2" && shift 2 ;;
        --append-flags) after+=" $2" && shift 2 ;;
        --argv0) argv0=$2 && shift 2 ;;
        --inherit-argv0) argv0='$0' && shift ;;
        # Bash resolves $0 anyway.
        --resolve-argv0) shift ;;
        *)
          echo "makeWrapper doesn't understand the arg $1" >&2
          exit 1
          ;;
      esac
    done
    echo exec ${argv0:+-a \"$argv0\"} \""$original"\" "$before" '"$@"' "$after"
  } >"$wrapper"
  chmod +x "$wrapper"
}

wrapProgram() { wrapProgramShell "$@"; }
wrapProgramShell() {
  local program=$1 hidden
  assertExecutable "$program"
  hidden="$(dirname "$program")/.$(basename "$program")-wrapped"
  while [ -e "$hidden" ]; do hidden+=_; done
  mv "$program" "$hidden"
  makeShellWrapper "$hidden" "$program" --inherit-argv0 "${@:2}"
}
