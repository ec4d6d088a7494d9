#!/bin/sh
# Build cmd/vet and the modules that it needs (golang.org/x/tools and others, as Go carries them with their sums in
# src/cmd), with the standard library in the cache.
#
#   build.sh prepare build | prepare rebuild | build | rebuild
#
# The answer is a hash of every object that was compiled and of the linked program: a collector must change no byte of
# either. Build ids are left out, because they name the toolchain. What an overlay changes on purpose is the same in the
# sources of both sides: the toolchain's default GOAMD64, and the runtime's default GOGC.
set -eu

target=cmd/vet
changed=golang.org/x/tools/go/analysis/passes/printf/printf.go
go=$OUT/bin/go
src=$OUT/share/go/src
overlay=$HOME/overlay.json

# Write the `-overlay` of all builds: the sources with upstream's defaults, and "$1", one more replacement, if any.
replace_sources() {
  sed "s/^const DefaultGOAMD64 = .*/const DefaultGOAMD64 = \"v1\"/" \
    "$src/internal/buildcfg/zbootstrap.go" >"$HOME/zbootstrap.go"
  sed '/^func readGOGC/,/^}/s/return [0-9]*$/return 100/' "$src/runtime/mgcpacer.go" >"$HOME/mgcpacer.go"
  cat >"$overlay" <<END
{"Replace": {
  $1
  "$src/internal/buildcfg/zbootstrap.go": "$HOME/zbootstrap.go",
  "$src/runtime/mgcpacer.go": "$HOME/mgcpacer.go"
}}
END
}

build() {
  cd "$src/cmd"
  "$go" build -overlay "$overlay" -ldflags '-buildid= -B none' -o "$HOME/program" "$target"
}

prepare() {
  replace_sources ''
  cd "$src/cmd"
  "$go" list -deps -f '{{if not .Module}}{{.ImportPath}}{{end}}' "$target" | grep -v '^cmd/' >"$HOME/std"
  # shellcheck disable=SC2046 # import paths have no blanks
  "$go" build -overlay "$overlay" $(cat "$HOME/std")
  if [ "$1" = rebuild ]; then
    build
    { cat "$src/cmd/vendor/$changed" && echo 'func init() { println("changed") }'; } >"$HOME/changed.go"
    replace_sources "\"$src/cmd/vendor/$changed\": \"$HOME/changed.go\","
  fi
  touch "$HOME/prepared"
}

# What the last build wrote is removed, so that each one does the same work. Go does not link a program again that is
# there and of the same inputs.
measured() {
  rm -f "$HOME/program"
  find "$GOCACHE" -type f -newer "$HOME/prepared" -delete
  build
  find "$GOCACHE" -type f -newer "$HOME/prepared" -name '*-d' -exec sed -i '/^build id /d' {} +
  find "$GOCACHE" -type f -newer "$HOME/prepared" -name '*-d' -exec sha256sum {} + | cut -d ' ' -f 1 | sort | sha256sum
  sha256sum <"$HOME/program"
}

case $1 in
  prepare) prepare "$2" ;;
  build | rebuild) measured ;;
esac
