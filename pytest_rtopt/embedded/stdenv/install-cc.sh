# Installs the wrapper of the compiler under the names by which builds call it, with the linkers' beside it.
mkdir -p "$out/bin" "$out/nix-support"
for program in "$bintools"/bin/*; do ln -s "$program" "$out/bin/"; done
echo "$bintools" >"$out/nix-support/propagated-build-inputs"
echo "$prefix" >"$out/nix-support/orig-cc"
echo "$before" >"$out/nix-support/cc-cflags-before"
echo "$flags" >"$out/nix-support/cc-cflags"
touch "$out/nix-support/cc-ldflags"

fill() {
  sed -e "s|@out@|$out|g" -e "s|@bintools@|$bintools|g" -e "s|@common@|$out/nix-support/common.sh|g" \
    -e 's|@salt@|x86_64_unknown_linux_gnu|g' -e "s|@unsupported@|$unsupported|g" \
    -e "s|@shell@|$shell|g" -e "s|@prefix@|$prefix|g" -e "s|@dynamicLinker@|$dynamicLinker|g" "$1" >"$2"
}

fill "$common" "$out/nix-support/common.sh"
fill "$wrapper" "$out/nix-support/cc"
fill "$setupHook" "$out/nix-support/setup-hook"
chmod +x "$out/nix-support/cc"
for name in cc gcc c++ g++ cpp; do
  if [ -x "$prefix/bin/$name" ]; then ln -s ../nix-support/cc "$out/bin/$name"; fi
done
eval "$extraBuildCommands"
