# Setup hook of cargo: it keeps its files in the directory of the build.
if [[ -z ${IN_NIX_SHELL-} && -z ${CARGO_HOME-} ]]; then export CARGO_HOME=$TMPDIR; fi
