# link-tree SOURCE TARGET: the directories of SOURCE in TARGET, with links to its files. What is there already stays;
# links are copied as they are, so that they lead to what TARGET has, as `lndir` makes them.
set -eu
shopt -s nullglob dotglob
source=$1 target=$2
if [[ ! -d $source ]]; then
  echo "$source: No such directory" >&2
  exit 1
fi
while IFS= read -r -d '' directory; do
  mkdir -p "$target/$directory"
  files=()
  for entry in "$source/$directory"/*; do
    there=$target/$directory/${entry##*/}
    if [[ -e $there || -L $there ]]; then
      continue
    elif [[ -L $entry ]]; then
      ln -s "$(readlink "$entry")" "$there"
    elif [[ ! -d $entry ]]; then
      files+=("$entry")
    fi
  done
  if ((${#files[@]})); then printf '%s\0' "${files[@]}" | xargs -0 ln -s -t "$target/$directory"; fi
done < <(cd "$source" && find . -type d -print0)
