"""I/O-bound: writes, renames, lists and reads many small files in the working directory."""

from __future__ import annotations

import os
from pathlib import Path

directory = Path("rtopt-files")
directory.mkdir(exist_ok=True)
block = b"0123456789abcdef" * 512
total = 0
for round_ in range(4):
    for number in range(400):
        with (directory / f"{number}.part").open("wb") as file:
            file.write(block)
            file.flush()
        (directory / f"{number}.part").rename(directory / f"{number}.bin")
    for entry in sorted(os.scandir(directory), key=lambda entry: entry.name):
        total += entry.stat().st_size + len(Path(entry.path).read_bytes())
        os.unlink(entry.path)  # noqa: PTH108
    print(round_, total)
directory.rmdir()
