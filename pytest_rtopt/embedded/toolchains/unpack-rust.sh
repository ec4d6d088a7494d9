# Unpacks the packages of rustc and cargo into $out and makes them work with the toolchain $toolchain, whose shell runs
# this.
set -eu
build=$PWD
for package in $packages; do busybox dpkg-deb -x "$package" unpacked; done
mkdir -p "$out"
mv unpacked/usr "$out/usr"
rm -rf "$out/usr/share"

# What the packages lack, such as libc, comes from the toolchain.
directory=usr/lib/x86_64-linux-gnu
cd "$out/usr"
find bin lib -type f | sort >"$build/files"
while read -r file; do
  if [ -z "$(patchelf --print-needed "$file" 2>/dev/null)" ]; then continue; fi
  patchelf --set-rpath "$out/$directory:$toolchain/$directory" "$file"
  if patchelf --print-interpreter "$file" >/dev/null 2>&1; then
    patchelf --set-interpreter "$toolchain/lib64/ld-linux-x86-64.so.2" "$file"
  fi
done <"$build/files"
