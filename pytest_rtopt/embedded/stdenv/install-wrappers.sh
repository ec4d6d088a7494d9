# Installs the wrappers under the names by which builds call the compiler and the linker.
mkdir -p "$out/bin" "$out/nix-support"

fill() {
  sed -e "s|@out@|$out|g" -e "s|@common@|$out/nix-support/common.sh|g" -e 's|@salt@|x86_64_unknown_linux_gnu|g' "$1" >"$2"
}

fill "$common" "$out/nix-support/common.sh"
fill "$ccWrapper" "$out/nix-support/cc"
fill "$ldWrapper" "$out/nix-support/ld"
chmod +x "$out/nix-support/cc" "$out/nix-support/ld"
for name in cc gcc c++ g++ cpp; do
  if [ -x "/usr/bin/$name" ]; then ln -s ../nix-support/cc "$out/bin/$name"; fi
done
for name in ld ld.bfd ld.gold ld.mold; do
  if [ -x "/usr/bin/$name" ]; then ln -s ../nix-support/ld "$out/bin/$name"; fi
done
