# Installs the wrapper of the linkers under the names by which builds call them.
mkdir -p "$out/bin" "$out/nix-support"

fill() {
  sed -e "s|@out@|$out|g" -e "s|@common@|$out/nix-support/common.sh|g" -e 's|@salt@|x86_64_unknown_linux_gnu|g' \
    -e "s|@hardening@|$hardening|g" -e "s|@shell@|$shell|g" -e "s|@prefix@|$prefix|g" \
    -e "s|@toolchain@|${root-}|g" -e "s|@libraries@|$libraries|g" -e "s|@dynamicLinker@|$dynamicLinker|g" "$1" >"$2"
}

fill "$common" "$out/nix-support/common.sh"
fill "$wrapper" "$out/nix-support/ld"
fill "$setupHook" "$out/nix-support/setup-hook"
chmod +x "$out/nix-support/ld"
for name in ld ld.bfd ld.gold ld.lld ld.mold; do
  if [ -x "$prefix/bin/$name" ]; then ln -s ../nix-support/ld "$out/bin/$name"; fi
done
eval "$extraBuildCommands"
