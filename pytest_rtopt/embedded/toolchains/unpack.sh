# Unpacks Debian packages into $out and makes them work there. Run by busybox's shell, with nothing else around.
set -eu
build=$PWD
mkdir tools unpacked
"$busybox" --install -s "$build/tools"
export PATH="$build/tools"

for package in $packages; do dpkg-deb -x "$package" unpacked; done
mkdir -p "$out"
mv unpacked/usr "$out/usr"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$out/$name"; done
# What nobody reads in a build. Translated messages would make logs depend on the user's language.
cd "$out/usr/share"
rm -rf bug common-licenses doc doc-base info initramfs-tools lintian locale man menu zsh

# The names that the packages' own scripts would make.
cd "$out/usr/bin"
for link in awk:gawk c++:g++ cc:gcc sh:bash; do ln -sf "${link#*:}" "${link%:*}"; done

# The host's libraries belong to another libc, so neither its cache nor its directories are searched. The replacements
# are as long as the originals, because the loader keeps a table of their lengths.
libraries=$out/usr/lib/x86_64-linux-gnu
loader=$libraries/ld-linux-x86-64.so.2
sed -i -e 's|/etc/ld\.so\.cache|/nix/ld.so.cache|' -e 's|/lib/|/nix/|g' "$loader"

# Every program gets this loader, and every program and library finds what it needs beside libc. The loader and libc
# themselves need nothing.
# patchelf runs from copies, because it must not change the files that it runs from.
mkdir "$build/patchelf"
for file in ld-linux-x86-64.so.2 libc.so.6 libgcc_s.so.1 libm.so.6 libstdc++.so.6; do
  cp "$libraries/$file" "$build/patchelf/"
done
cp patchelf "$build/patchelf/"
patchelf() { "$build/patchelf/ld-linux-x86-64.so.2" --library-path "$build/patchelf" "$build/patchelf/patchelf" "$@"; }
cd "$out/usr"
find bin lib libexec sbin -type f ! -name '*.[aho]' ! -name 'ld-linux-*' ! -name libc.so.6 | sort >"$build/files"
while read -r file; do
  if [ -n "$(patchelf --print-needed "$file" 2>/dev/null)" ]; then patchelf --set-rpath "$libraries" "$file"; fi
  case "$file" in *.so | *.so.*) continue ;; esac
  # In a call of its own, after the run path: in one call, and the other way round, patchelf 0.18 breaks programs that
  # are not position-independent, such as cc1.
  if patchelf --print-interpreter "$file" >/dev/null 2>&1; then
    patchelf --set-interpreter "$out/lib64/ld-linux-x86-64.so.2" "$file"
  fi
done <"$build/files"

# Scripts, too.
grep -rIlE '^#! ?/(usr/)?bin/' bin sbin >"$build/scripts"
while read -r script; do
  sed -i -E "1s|^#! ?/(usr/)?bin/|#!$out/bin/|" "$script"
done <"$build/scripts"
