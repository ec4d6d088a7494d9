# Setup hook of the linkers' wrapper: where inputs have libraries, and the names of the tools.
if [[ -n ${strictDeps-} ]] && ((hostOffset >= 0)); then return 0; fi

# Without a role the wrapper ignores the variables.
export NIX_BINTOOLS_WRAPPER_TARGET_HOST_@salt@=1
export NIX_BINTOOLS=@out@

bintoolsWrapper_addLDVars() {
  local -a libraries=("$1"/lib64/lib*)
  if [[ ! -L $1/lib64 ]] && ((${#libraries[@]})); then export NIX_LDFLAGS="${NIX_LDFLAGS-} -L$1/lib64"; fi
  libraries=("$1"/lib/lib*)
  if ((${#libraries[@]})); then export NIX_LDFLAGS="${NIX_LDFLAGS-} -L$1/lib"; fi
}
addEnvHooks "$targetOffset" bintoolsWrapper_addLDVars

for __tool in ar as ld nm objcopy objdump readelf ranlib strip strings size; do
  if type -p "$__tool" >/dev/null; then export "${__tool^^}=$__tool"; fi
done
unset -v __tool

: "${NIX_HARDENING_ENABLE=@hardening@}"
export NIX_HARDENING_ENABLE
