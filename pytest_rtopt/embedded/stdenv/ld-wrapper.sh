#!@shell@
# The linker as a build sees it; see cc-wrapper.sh. NIX_LDFLAGS arrive through the compiler's wrapper when that one
# links, and are added here when `ld` is called directly. Libraries of the store that a program is linked with are
# found when it runs.
set -eu -o pipefail
source @common@

linker=@prefix@/bin/${0##*/}
# Where the linker belongs to a toolchain: the toolchain, and its libraries.
toolchain=@toolchain@ toolchainLibraries=@libraries@
collectBintools
expandResponseParams "$@"
linkType=${NIX_LINK_TYPE_@salt@:-$(checkLinkType "${params[@]}")}

before=() after=()
if [ -n "$toolchain" ]; then before+=(--sysroot="$toolchain"); fi
hardening=" $NIX_HARDENING_ENABLE_@salt@ "
if [[ $hardening == *" relro "* ]]; then before+=(-z relro); fi
if [[ $hardening == *" bindnow "* ]]; then before+=(-z now); fi
# Variables are split at blanks on purpose.
# shellcheck disable=SC2086
if [ -z "${NIX_LINK_TYPE_@salt@:-}" ]; then
  mapfile -t -O "${#after[@]}" after < <(filterRpathFlags "$linkType" $NIX_LDFLAGS_@salt@)
  mapfile -t -O "${#before[@]}" before < <(filterRpathFlags "$linkType" $NIX_LDFLAGS_BEFORE_@salt@)
  if [[ $linkType == dynamic && -n "$NIX_DYNAMIC_LINKER_@salt@" ]]; then
    before+=(-dynamic-linker "$NIX_DYNAMIC_LINKER_@salt@")
  fi
fi
# shellcheck disable=SC2086
mapfile -t -O "${#after[@]}" after < <(filterRpathFlags "$linkType" $NIX_LDFLAGS_AFTER_@salt@ $NIX_LDFLAGS_HARDEN_@salt@)

# Where libraries are looked for, which ones, and whether this is a final link.
directories=() relocatable=0 previous=
declare -A libraries=() runPaths=()
for word in "${before[@]}" "${params[@]}" "${after[@]}"; do
  case "$previous" in
    -L) directories+=("$word") ;;
    -l) libraries[lib$word.so]=1 ;;
    # Their arguments are no libraries.
    -dynamic-linker | -plugin) ;;
    *)
      case "$word" in
        -L/*) directories+=("${word#-L}") ;;
        -l?*) libraries[lib${word#-l}.so]=1 ;;
        -r | --relocatable | -i) relocatable=1 ;;
        "${NIX_STORE:-/no store}"/*.so | "${NIX_STORE:-/no store}"/*.so.*)
          directories+=("${word%/*}")
          libraries[${word##*/}]=1
          ;;
      esac
      ;;
  esac
  previous=$word
done
if [[ "$NIX_DONT_SET_RPATH_@salt@" != 1 && $linkType != static-pie ]]; then
  for directory in "${directories[@]}"; do
    if [[ -n $toolchain && $directory == "$toolchain"/* ]]; then continue; fi
    if [[ $directory != "${NIX_STORE:-/no store}"/* || -n ${runPaths[$directory]:-} ]]; then continue; fi
    for library in "${!libraries[@]}"; do
      if [ -e "$directory/$library" ]; then
        runPaths[$directory]=1
        after+=(-rpath "$directory")
        break
      fi
    done
  done
  # Whatever libraries there are: the loader of a toolchain looks nowhere else.
  if [[ -n $toolchain && $linkType == dynamic && $relocatable == 0 ]]; then after+=(-rpath "$toolchainLibraries"); fi
fi
if [[ "$NIX_SET_BUILD_ID_@salt@" == 1 && $relocatable == 0 ]]; then
  after+=(--build-id="${NIX_BUILD_ID_STYLE:-sha1}")
fi

showFlags "extra flags before to" "$linker" "${before[@]}"
showFlags "original flags to" "$linker" "${params[@]}"
showFlags "extra flags after to" "$linker" "${after[@]}"

exec "$linker" "${before[@]}" "${params[@]}" "${after[@]}"
