# Replacing text in files.

# substituteStream VARIABLE DESCRIPTION OPTION…: write the text in VARIABLE with the replacements made.
__warned_of_replace=
substituteStream() {
  local var=$1 description=$2 text=${!1}
  shift 2
  local pattern replacement mode
  while (($#)); do
    mode=$1
    case "$mode" in
      --replace | --replace-quiet | --replace-warn | --replace-fail)
        pattern=$2 replacement=$3
        shift 3
        if [[ $mode == --replace ]]; then
          mode=--replace-warn
          if [[ -z $__warned_of_replace ]]; then
            echo "substituteStream() in derivation $name: WARNING: '--replace' is deprecated, use --replace-{fail,warn,quiet}. ($description)" >&2
            __warned_of_replace=1
          fi
        fi
        if [[ $text != *"$pattern"* ]]; then
          case "$mode" in
            --replace-warn)
              printf 'substituteStream() in derivation %s: WARNING: pattern %q doesn'\''t match anything in %s\n' "$name" "$pattern" "$description" >&2
              ;;
            --replace-fail)
              printf 'substituteStream() in derivation %s: ERROR: pattern %q doesn'\''t match anything in %s\n' "$name" "$pattern" "$description" >&2
              return 1
              ;;
          esac
        fi
        ;;
      --subst-var)
        if ! [[ $2 =~ ^[a-zA-Z_][a-zA-Z0-9_]*$ ]]; then
          echo "substituteStream() in derivation $name: ERROR: substitution variables must be valid Bash names, \"$2\" isn't." >&2
          return 1
        fi
        if [[ -z ${!2+set} ]]; then
          echo "substituteStream() in derivation $name: ERROR: variable \$$2 is unset" >&2
          return 1
        fi
        pattern="@$2@" replacement=${!2}
        shift 2
        ;;
      --subst-var-by)
        pattern="@$2@" replacement=$3
        shift 3
        ;;
      *)
        echo "substituteStream() in derivation $name: ERROR: Invalid command line argument: $1" >&2
        return 1
        ;;
    esac
    text=${text//"$pattern"/"$replacement"}
  done
  printf -v "$var" '%s' "$text"
  printf '%s' "$text"
}

# Read standard input into a variable. Null bytes are an error, as Bash would lose them.
consumeEntire() {
  if IFS='' read -r -d '' "$1"; then
    echo "consumeEntire(): ERROR: Input null bytes, won't process" >&2
    return 1
  fi
}

substitute() {
  local input=$1 output=$2 content
  shift 2
  if [[ ! -f $input ]]; then
    echo "substitute(): ERROR: file '$input' does not exist" >&2
    return 1
  fi
  consumeEntire content <"$input"
  if [[ -e $output ]]; then chmod +w "$output"; fi
  substituteStream content "file '$input'" "$@" >"$output"
}

substituteInPlace() {
  local -a files=()
  while (($#)) && [[ $1 != --* ]]; do
    files+=("$1")
    shift
  done
  if ((${#files[@]} == 0)); then
    echo "substituteInPlace called without any files to operate on (files must come before options!)" >&2
    return 1
  fi
  local file
  for file in "${files[@]}"; do substitute "$file" "$file" "$@"; done
}

# Every exported variable that starts with a small letter, as --subst-var.
__exportedVariables() {
  export system pname name version
  local variable
  while IFS='' read -r variable; do args+=(--subst-var "$variable"); done < <(
    awk 'BEGIN { for (v in ENVIRON) if (v ~ /^[a-z][a-zA-Z0-9_]*$/) print v }'
  )
}
substituteAllStream() {
  local -a args=()
  __exportedVariables
  substituteStream "$1" "$2" "${args[@]}"
}
substituteAll() {
  local -a args=()
  __exportedVariables
  substitute "$1" "$2" "${args[@]}"
}
substituteAllInPlace() { substituteAll "$1" "$1"; }

# The name of a file in the store without the hash.
stripHash() {
  local stripped
  stripped=$(basename -- "$1")
  if [[ $stripped =~ ^[a-z0-9]{32}- ]]; then stripped=${stripped:33}; fi
  echo "$stripped"
}

__startsWith() {
  local magic
  LC_ALL=C IFS= read -r -d '' -n "${#2}" magic <"$1" || true
  [[ $magic == "$2" ]]
}
isELF() { __startsWith "$1" $'\177ELF'; }
isScript() { __startsWith "$1" '#!'; }
