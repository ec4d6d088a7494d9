"""Whether a word among flags could be meant to make a program faster.

Most flags that people add are for other purposes: warnings, debug information, where headers are, a language
standard, hardening, or code that relies on what the standard leaves undefined. Of an option of a compiler
that is not listed here, the purpose is not known, so it could be meant.

The options are those of the GCC manual ("Warning Options", "Debugging Options", "Directory Options", "Program
Instrumentation Options", "C Dialect Options", "Code Generation Options"), of `go help build` and of
`go tool link`.
"""

from __future__ import annotations

import re
from typing import Final

_ASSIGNMENT: Final = re.compile(r"[\"'(]*([A-Za-z_]\w*)\+?=[\"'(]*")
# What the names of variables, targets, definitions and options of `configure` say if they are about speed.
_ABOUT_SPEED: Final = re.compile(
    r"optim|(?<![a-z])opt(?![a-z])|lto|pgo|jit|fast|speed|goto|jump|alloc|simd|sse|avx|native|bolt|tun(?:e|ing)"
    r"|arch|cpu|profile|frame|shared|static|gil\b|assert|debug|tail|inlin|unroll|thread|release|thin|level"
    r"|interposition|v8|snapshot|turbo|maglev|compress|cache|codegen|panic|target|rust\.|lld|mold|gold|mode|build",
    re.IGNORECASE,
)
# Variables that hold flags, or name a compiler or a linker.
_TAKES_FLAGS: Final = re.compile(r"FLAGS|ARGS|^(?:CC|CXX|LD|AR|RANLIB|HOSTCC|RUSTC)$")
_OTHER_PURPOSE: Final = re.compile(
    r"-Wp,-[DU]\w+(?:=\w*)?$|-g(?:\d|gdb\d?|dwarf[\w-]*|z\S*|(?:no-)?split-dwarf|(?:no-)?record-gcc-switches)?$"
    r"|-W(?![lap],)[\w=+-]*$|-w$|-v$|-x$|-s$|-pipe$|-pthread$|-ansi$|-pedantic[\w-]*$|-std=|-include$"
    r"|-(?:I|L|isystem|idirafter|iquote|isysroot|B)|-U|-D_\w+|-MM?D?$|-M[FPQT]"
    r"|-f(?:no-)?(?:common|strict-aliasing|strict-overflow|permissive|wrapv\S*|delete-null-pointer-checks"
    r"|signed-char|unsigned-char|exceptions|trapv|record-gcc-switches|diagnostics\S*|max-errors=\S*"
    r"|(?:debug|file|macro)-prefix-map=\S*|sanitize=\S*|stack-protector\S*|stack-clash-protection"
    r"|cf-protection\S*|hardened|trivial-auto-var-init=\S*|zero-call-used-regs=\S*)$"
    r"|-fno-omit-frame-pointer$|-mno-omit-leaf-frame-pointer$|-f(?:pic|PIC|pie|PIE)$"
    r"|-trimpath$|-mod=|-tags=?|-buildvcs=|-X\b|-linkmode=|-extldflags"
)
_LIBRARY: Final = re.compile(r"-l\S+$")
_DEFINITION: Final = re.compile(r"-D(?P<what>\S+)$")


def could_optimize(word: str) -> bool:
    """Return whether `word`, which was added to flags or taken away, could be meant for speed."""
    while (assigned := _ASSIGNMENT.match(word)) is not None:
        name, word = assigned[1], word[assigned.end() :]
        if _TAKES_FLAGS.search(name) is None:
            return _ABOUT_SPEED.search(f"{name}={word}") is not None
        if word[:1] not in {"-", ""}:
            # Another compiler.
            return True
    word = word.strip("\"'()")
    if _LIBRARY.match(word) or word[:2] == "--" or word[:1] != "-":
        return _ABOUT_SPEED.search(word) is not None
    if definition := _DEFINITION.match(word):
        return definition["what"] == "NDEBUG" or (
            not _OTHER_PURPOSE.match(word) and _ABOUT_SPEED.search(definition["what"]) is not None
        )
    return _OTHER_PURPOSE.match(word) is None
