# Setup hook with `makeWrapper` and `wrapProgram`: programs started by a compiled program that sets their surroundings
# first.

assertExecutable() {
  if ! [[ -f $1 && -x $1 ]]; then
    echo "Cannot wrap '$1' because it is not an executable file" >&2
    exit 1
  fi
}

# A string of C.
__cString() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  text=${text//$'\r'/\\r}
  printf '"%s"' "$text"
}

makeCWrapper() {
  local executable argv0 flag inherit='' resolve=''
  executable=$(__cString "$1")
  argv0=$executable
  shift
  local -a before=() after=() words=()
  local body=''
  while (($#)); do
    case "$1" in
      --set | --set-default | --unset | --prefix | --suffix)
        if [[ $2 == *=* || -z $2 ]]; then
          echo "#error Illegal environment variable name \`$2\` (cannot be empty or contain \`=\`)"
        fi
        ;;&
      --set) body+="check(setenv($(__cString "$2"), $(__cString "$3"), 1));"$'\n' && shift 3 ;;
      --set-default) body+="check(setenv($(__cString "$2"), $(__cString "$3"), 0));"$'\n' && shift 3 ;;
      --unset) body+="check(unsetenv($(__cString "$2")));"$'\n' && shift 2 ;;
      --chdir) body+="check(chdir($(__cString "$2")));"$'\n' && shift 2 ;;
      --prefix | --suffix)
        body+="join($(__cString "$2"), $(__cString "$3"), $(__cString "$4"), $([[ $1 == --prefix ]] && echo 1 || echo 0));"$'\n'
        shift 4
        ;;
      --add-flag) before+=("$2") && shift 2 ;;
      --append-flag) after+=("$2") && shift 2 ;;
      --add-flags) read -ra words <<<"$2" && before+=(${words[@]+"${words[@]}"}) && shift 2 ;;
      --append-flags) read -ra words <<<"$2" && after+=(${words[@]+"${words[@]}"}) && shift 2 ;;
      --argv0) argv0=$(__cString "$2") inherit='' && shift 2 ;;
      --inherit-argv0) inherit=1 && shift ;;
      --resolve-argv0) resolve=1 && shift ;;
      *)
        echo "#error makeCWrapper: Unknown argument $1"
        shift
        ;;
    esac
  done
  cat <<'C'
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void check(int status) {
  if (status < 0) { perror("wrapper"); abort(); }
}
__attribute__((unused)) static void join(const char *name, const char *separator, const char *value, int first) {
  const char *old = getenv(name);
  char *joined;
  if (!old) { check(setenv(name, value, 1)); return; }
  check(asprintf(&joined, "%s%s%s", first ? value : old, separator, first ? old : value));
  check(setenv(name, joined, 1));
  free(joined);
}
__attribute__((unused)) static char *resolve(char *name) {
  char *path = getenv("PATH"), *rest, *directory, *candidate;
  if (strchr(name, '/') || !path || !(rest = strdup(path))) return name;
  while ((directory = strsep(&rest, ":"))) {
    check(asprintf(&candidate, "%s/%s", directory, name));
    if (!access(candidate, X_OK)) return candidate;
    free(candidate);
  }
  return name;
}
int main(int argc, char **argv) {
C
  printf '%s' "$body"
  printf 'char **words = calloc(argc + %d, sizeof *words);\nint n = 0;\nif (!words) abort();\n' \
    $((${#before[@]} + ${#after[@]} + 2))
  if [[ -n $inherit ]]; then
    # Called with no name at all, there is none to hand on.
    printf 'words[n++] = argc > 0 ? argv[0] : %s;\n' "$executable"
  else
    printf 'words[n++] = %s;\n' "$argv0"
  fi
  if [[ -n $resolve ]]; then echo 'words[0] = resolve(words[0]);'; fi
  for flag in ${before[@]+"${before[@]}"}; do printf 'words[n++] = %s;\n' "$(__cString "$flag")"; done
  echo 'for (int i = 1; i < argc; ++i) words[n++] = argv[i];'
  for flag in ${after[@]+"${after[@]}"}; do printf 'words[n++] = %s;\n' "$(__cString "$flag")"; done
  printf 'check(execv(%s, words));\nreturn 1;\n}\n' "$executable"
}

makeWrapper() { makeBinaryWrapper "$@"; }
makeBinaryWrapper() {
  # The package's own flags are for the package.
  local NIX_CFLAGS_COMPILE='' NIX_CFLAGS_LINK='' original=$1 wrapper=$2
  assertExecutable "$original"
  mkdir -p "$(dirname "$wrapper")"
  makeCWrapper "$original" "${@:3}" | @cc@ -Wall -Werror -Os -x c -o "$wrapper" -
}

wrapProgram() { wrapProgramBinary "$@"; }
wrapProgramBinary() {
  local program=$1 hidden
  assertExecutable "$program"
  hidden="$(dirname "$program")/.$(basename "$program")-wrapped"
  while [ -e "$hidden" ]; do hidden+=_; done
  mv "$program" "$hidden"
  makeBinaryWrapper "$hidden" "$program" --inherit-argv0 "${@:2}"
}
