# Setup hook of the compiler's wrapper: where inputs have headers, and the names of the compilers.
if [[ -n ${strictDeps-} ]] && ((hostOffset >= 0)); then return 0; fi

# Without a role the wrapper ignores the variables.
export NIX_CC_WRAPPER_TARGET_HOST_@salt@=1
export NIX_CC=@out@ CC=gcc CXX=g++

ccWrapper_addCVars() {
  if [[ -d $1/include ]]; then export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE-} -isystem $1/include"; fi
}
addEnvHooks "$targetOffset" ccWrapper_addCVars
