# Phases up to the installation.

unpackCmdHooks+=(_defaultUnpack)
_defaultUnpack() {
  local archive=$1
  if [[ -d $archive ]]; then
    local destination
    destination=$(stripHash "$archive")
    if [[ -e $destination ]]; then
      echo "Cannot copy $archive to $destination: destination already exists!"
      echo 'Did you specify two "srcs" with the same "name"?'
      return 1
    fi
    cp -r --preserve=timestamps --reflink=auto -- "$archive" "$destination"
  else
    case "$archive" in
      *.tar | *.tar.* | *.tgz | *.tbz2 | *.tbz | *.txz) tar -xf "$archive" --mode=+w --warning=no-timestamp ;;
      # As with nixpkgs' `unzip` among the inputs, which the host always has.
      *.zip | *.whl) unzip -qq "$archive" ;;
      *) return 1 ;;
    esac
  fi
}

unpackFile() {
  curSrc=$1
  echo "unpacking source archive $curSrc"
  if ! runOneHook unpackCmd "$curSrc"; then
    echo "do not know how to unpack source archive $curSrc"
    exit 1
  fi
}

unpackPhase() {
  runHook preUnpack
  if [[ -z ${srcs[*]-} ]]; then
    if [[ -z ${src-} ]]; then
      echo "variable \$src or \$srcs should point to the source"
      exit 1
    fi
    srcs=$src
  fi
  local -a archives=()
  concatTo archives srcs
  local before=" " entry
  for entry in *; do if [[ -d $entry ]]; then before+="$entry "; fi; done
  for entry in "${archives[@]}"; do unpackFile "$entry"; done
  : "${sourceRoot=}"
  if [[ -n ${setSourceRoot-} ]]; then
    runOneHook setSourceRoot
  elif [[ -z $sourceRoot ]]; then
    for entry in *; do
      if [[ ! -d $entry || $before == *" $entry "* ]]; then continue; fi
      if [[ -n $sourceRoot ]]; then
        echo "unpacker produced multiple directories"
        exit 1
      fi
      sourceRoot=$entry
    done
  fi
  if [[ -z $sourceRoot ]]; then
    echo "unpacker appears to have produced no directories"
    exit 1
  fi
  echo "source root is $sourceRoot"
  if [[ ${dontMakeSourcesWritable:-0} != 1 ]]; then chmod -R u+w -- "$sourceRoot"; fi
  runHook postUnpack
}

patchPhase() {
  runHook prePatch
  local -a files=() flags=()
  concatTo files patches
  concatTo flags patchFlags=-p1
  local file uncompress
  for file in "${files[@]}"; do
    echo "applying patch $file"
    case "$file" in
      *.gz) uncompress=(gzip -d) ;;
      *.bz2) uncompress=(bzip2 -d) ;;
      *.xz | *.lzma) uncompress=(xz -d) ;;
      *) uncompress=(cat) ;;
    esac
    "${uncompress[@]}" <"$file" | patch "${flags[@]}"
  done
  runHook postPatch
}

configurePhase() {
  runHook preConfigure
  : "${configureScript=}"
  if [[ -z $configureScript && -x ./configure ]]; then configureScript=./configure; fi
  if [[ -z ${dontAddPrefix-} && -n $prefix ]]; then prependToVar configureFlags "${prefixKey:---prefix=}$prefix"; fi
  if [[ -f $configureScript ]]; then
    if [[ -z ${dontAddDisableDepTrack-} ]] && grep -q dependency-tracking "$configureScript"; then
      prependToVar configureFlags --disable-dependency-tracking
    fi
    if [[ -z ${dontDisableStatic-} ]] && grep -q enable-static "$configureScript"; then
      prependToVar configureFlags --disable-static
    fi
    if [[ -z ${dontPatchShebangsInConfigure-} ]]; then patchShebangs --build "$configureScript"; fi
  fi
  if [[ -n $configureScript ]]; then
    local -a flags=()
    concatTo flags configureFlags configureFlagsArray
    echoCmd 'configure flags' "${flags[@]}"
    # A script may come with words of its own, as `python configure.py`.
    # shellcheck disable=SC2086
    $configureScript "${flags[@]}"
  else
    echo "no configure script, doing nothing"
  fi
  runHook postConfigure
}

__hasMakefile() { [[ -n ${makeFlags[*]-}${makefile-} || -e Makefile || -e makefile || -e GNUmakefile ]]; }

# callMake PARALLEL WHAT VARIABLE…: call make with the words of the variables, as `concatTo` reads them.
__callMake() {
  local parallel=$1 what=$2
  shift 2
  local -a flags=(${parallel:+-j$NIX_BUILD_CORES} "SHELL=$SHELL")
  concatTo flags "$@"
  echoCmd "$what flags" "${flags[@]}"
  make ${makefile:+-f "$makefile"} "${flags[@]}"
}

buildPhase() {
  runHook preBuild
  if __hasMakefile; then
    foundMakefile=1
    __callMake "${enableParallelBuilding-}" build makeFlags makeFlagsArray buildFlags buildFlagsArray
  else
    echo "no Makefile or custom buildPhase, doing nothing"
  fi
  runHook postBuild
}

checkPhase() {
  runHook preCheck
  local candidate
  if [[ -z ${foundMakefile-} ]]; then
    echo "no Makefile or custom checkPhase, doing nothing"
  else
    if [[ -z ${checkTarget-} ]]; then
      for candidate in check test; do
        if make -n ${makefile:+-f "$makefile"} "$candidate" >/dev/null 2>&1; then
          checkTarget=$candidate
          break
        fi
      done
    fi
    if [[ -z ${checkTarget-} ]]; then
      echo "no check/test target in ${makefile:-Makefile}, doing nothing"
    else
      __callMake "${enableParallelChecking-}" check \
        makeFlags makeFlagsArray checkFlags=VERBOSE=y checkFlagsArray checkTarget
    fi
  fi
  runHook postCheck
}

installPhase() {
  runHook preInstall
  if __hasMakefile; then
    foundMakefile=1
    if [[ -n $prefix ]]; then mkdir -p "$prefix"; fi
    __callMake "${enableParallelInstalling-}" install \
      makeFlags makeFlagsArray installFlags installFlagsArray installTargets=install
  else
    echo "no Makefile or custom installPhase, doing nothing"
  fi
  runHook postInstall
}

installCheckPhase() {
  runHook preInstallCheck
  if [[ -z ${foundMakefile-} ]]; then
    echo "no Makefile or custom installCheckPhase, doing nothing"
  elif [[ -z ${installCheckTarget-} ]] && ! make -n ${makefile:+-f "$makefile"} installcheck >/dev/null 2>&1; then
    echo "no installcheck target in ${makefile:-Makefile}, doing nothing"
  else
    __callMake "${enableParallelChecking-}" installcheck \
      makeFlags makeFlagsArray installCheckFlags installCheckFlagsArray installCheckTarget=installcheck
  fi
  runHook postInstallCheck
}
