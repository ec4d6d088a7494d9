#!@shell@
# The compiler as a build sees it, with the flags that nixpkgs' cc-wrapper adds, read from the same
# variables and placed in the same order:
#   hardening-before, cc-cflags-before (frame pointers, the platform's -march), NIX_CFLAGS_COMPILE_BEFORE, the build
#   system's own, hardening-after, NIX_CFLAGS_COMPILE, (C++) NIX_CXXSTDLIB_COMPILE, (linking) NIX_CFLAGS_LINK,
#   -Wl,NIX_LDFLAGS.
# No other variable is read; NIX_CXXFLAGS_COMPILE or NIX_CFLAGS have no effect here as they have none there.
set -eu -o pipefail
source @common@

program=${0##*/}
compiler=@prefix@/bin/$program
expandResponseParams "$@"

dontLink=0 nonFlagArgs=0 cc1=0 isCxx=0 cxxInclude=1 cxxLibrary=1 positional=()
case "$program" in *++*) isCxx=1 ;; esac
for ((n = 0; n < ${#params[@]}; n++)); do
  case "${params[n]}" in
    -[cSEM] | -MM) dontLink=1 ;;
    -cc1) cc1=1 ;;
    -nostdinc) cxxInclude=0 ;;
    -nostdinc++) cxxInclude=0 ;;
    -nostdlib) cxxLibrary=0 ;;
    -x*-header) dontLink=1 ;;
    -xc++*) isCxx=1 ;;
    -x)
      case "${params[n + 1]:-}" in
        *-header) dontLink=1 ;;
        c++*) isCxx=1 ;;
      esac
      ;;
    --)
      if [[ -v params[n+1] ]]; then nonFlagArgs=1; fi
      positional=("${params[@]:n+1}")
      params=("${params[@]:0:n}")
      break
      ;;
    -?*) ;;
    *) nonFlagArgs=1 ;;
  esac
done
if [ "$nonFlagArgs" = 0 ] || [ "$program" = cpp ]; then dontLink=1; fi

collectBintools
if [ -z "${NIX_CC_WRAPPER_FLAGS_SET_@salt@:-}" ]; then
  collect CC_WRAPPER NIX_CFLAGS_COMPILE NIX_CFLAGS_COMPILE_BEFORE NIX_CFLAGS_LINK NIX_CXXSTDLIB_COMPILE \
    NIX_CXXSTDLIB_LINK NIX_GNATFLAGS_COMPILE
  collectBooleans CC_WRAPPER NIX_ENFORCE_NO_NATIVE
  for name in cc-cflags cc-ldflags cc-cflags-before; do
    flags=
    IFS= read -r -d '' flags <"@out@/nix-support/$name" || true
    case "$name" in
      cc-cflags) NIX_CFLAGS_COMPILE_@salt@="$flags $NIX_CFLAGS_COMPILE_@salt@" ;;
      cc-ldflags) NIX_LDFLAGS_@salt@+=" $flags" ;;
      cc-cflags-before) NIX_CFLAGS_COMPILE_BEFORE_@salt@="$flags $NIX_CFLAGS_COMPILE_BEFORE_@salt@" ;;
    esac
  done
  export NIX_CC_WRAPPER_FLAGS_SET_@salt@=1
fi

# Only the command line is filtered: `-march=native` inside NIX_CFLAGS_COMPILE gets through, in nixpkgs too.
if [ "$NIX_ENFORCE_NO_NATIVE_@salt@" = 1 ]; then
  kept=()
  for param in "${params[@]}"; do
    if [[ "$param" == -m*=native ]]; then
      echo "warning: Skipping impure flag $param because NIX_ENFORCE_NO_NATIVE is set" >&2
    else
      kept+=("$param")
    fi
  done
  params=("${kept[@]}")
fi

# What is on by name. A stronger form turns on the weaker, which stays where the compiler knows only that one, and is
# in the way where it knows both.
declare -A on=()
for name in $NIX_HARDENING_ENABLE_@salt@; do on[$name]=1; done
for pair in fortify3:fortify strictflexarrays3:strictflexarrays1 libcxxhardeningextensive:libcxxhardeningfast; do
  if [[ -v on[${pair%:*}] ]]; then on[${pair#*:}]=1; fi
done
for name in @unsupported@; do
  unset -v "on[$name]"
  case "$name" in
    fortify) unset -v "on[fortify3]" ;;
    strictflexarrays1) unset -v "on[strictflexarrays3]" ;;
    libcxxhardeningfast) unset -v "on[libcxxhardeningextensive]" ;;
  esac
done
for pair in fortify3:fortify strictflexarrays3:strictflexarrays1 libcxxhardeningextensive:libcxxhardeningfast; do
  if [[ -v on[${pair%:*}] ]]; then unset -v "on[${pair#*:}]"; fi
done

hardeningBefore=() hardeningAfter=()
harden() { if [[ -v on[$1] ]]; then hardeningBefore+=("${@:2}"); fi; }
harden fortify -O2 -U_FORTIFY_SOURCE
harden fortify3 -O2 -U_FORTIFY_SOURCE
harden shadowstack -fcf-protection=return
harden strictflexarrays1 -fstrict-flex-arrays=1
harden strictflexarrays3 -fstrict-flex-arrays=3
harden pacret -mbranch-protection=pac-ret
harden glibcxxassertions -D_GLIBCXX_ASSERTIONS
harden libcxxhardeningfast -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST
harden libcxxhardeningextensive -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_EXTENSIVE
harden stackprotector -fstack-protector-strong --param ssp-buffer-size=4
harden stackclashprotection -fstack-clash-protection
harden nostrictaliasing -fno-strict-aliasing
harden pic -fPIC
harden strictoverflow -fno-strict-overflow
harden trivialautovarinit -ftrivial-auto-var-init=pattern
harden format -Wformat -Wformat-security -Werror=format-security
harden zerocallusedregs -fzero-call-used-regs=used-gpr
if [[ -v on[fortify] ]]; then hardeningAfter=(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2); fi
if [[ -v on[fortify3] ]]; then hardeningAfter=(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3); fi

# Variables are split at blanks on purpose.
# shellcheck disable=SC2206
before=("${hardeningBefore[@]}" $NIX_CFLAGS_COMPILE_BEFORE_@salt@)
# The compiler finds the linker's wrapper by -B alone.
# shellcheck disable=SC2206
after=("${hardeningAfter[@]}" -B@bintools@/bin/ $NIX_CFLAGS_COMPILE_@salt@)
# shellcheck disable=SC2206
if [ "$isCxx$cxxInclude" = 11 ]; then after+=($NIX_CXXSTDLIB_COMPILE_@salt@); fi
# shellcheck disable=SC2086
if [ "$dontLink" = 0 ]; then
  linkFlags=$NIX_CFLAGS_LINK_@salt@
  if [ "$isCxx$cxxLibrary" = 11 ]; then linkFlags+=" $NIX_CXXSTDLIB_LINK_@salt@"; fi
  linkType=$(checkLinkType $NIX_LDFLAGS_BEFORE_@salt@ "${params[@]}" $linkFlags $NIX_LDFLAGS_@salt@)
  mapfile -t -O "${#after[@]}" after < <(filterRpathFlags "$linkType" $linkFlags)
  while IFS= read -r flag; do before+=("-Wl,$flag"); done < <(filterRpathFlags "$linkType" $NIX_LDFLAGS_BEFORE_@salt@)
  if [[ "$linkType" == dynamic && -n "$NIX_DYNAMIC_LINKER_@salt@" ]]; then
    before+=("-Wl,-dynamic-linker=$NIX_DYNAMIC_LINKER_@salt@")
  fi
  while IFS= read -r flag; do
    if [[ "$flag" == -L/* ]]; then after+=("$flag"); else after+=("-Wl,$flag"); fi
  done < <(filterRpathFlags "$linkType" $NIX_LDFLAGS_@salt@)
  # The linker's wrapper must not add NIX_LDFLAGS a second time.
  export NIX_LINK_TYPE_@salt@=$linkType
fi

# `gcc -v` alone prints the version and must stay alone; -cc1 takes no driver flags.
if [ "$*" = -v ] || [ "$cc1" = 1 ]; then before=() after=(); fi
if ((${#positional[@]})); then after+=(-- "${positional[@]}"); fi

showFlags "extra flags before to" "$compiler" "${before[@]}"
showFlags "original flags to" "$compiler" "${params[@]}"
showFlags "extra flags after to" "$compiler" "${after[@]}"

exec "$compiler" "${before[@]}" "${params[@]}" "${after[@]}"
