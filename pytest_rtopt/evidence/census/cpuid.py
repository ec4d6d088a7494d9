"""CPU features of instructions, and their names in Linux and archspec.

The names here are those of archspec. They equal the names in `/proc/cpuinfo` except for `sse3` (Linux:
`pni`). A feature that archspec does not know has the name that Linux uses. A feature that Linux does not show
either has the decoder's name in lower case; nothing reports whether a host has it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from iced_x86 import CpuidFeature

if TYPE_CHECKING:
    from collections.abc import Iterable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Features of every x86-64 CPU: the baseline of the x86-64 psABI (CMOV, CX8, FPU, FXSR, MMX, SCE, SSE, SSE2),
# all older CPUs, and instructions of these for which the decoder has features of their own.
BASELINE = _words("""
    CMOV CPUID CX8 FPU FPU287 FPU387 FXSR INTEL186 INTEL286 INTEL386 INTEL486 INTEL8086 MMX MSR RDPMC
    SEP SMM SSE SSE2 SYSCALL TSC X64
""")

# Instructions that a CPU without the feature executes as a no-operation, or that run only after a check that
# the feature exists (shadow stacks: RDSSP). Compilers use them in code for every CPU.
HINTS = _words("""
    CET_IBT CET_SS CLDEMOTE HLE MULTIBYTENOP PAUSE PREFETCHITI PREFETCHWT1
""")

# Features that Linux shows under the decoder's name in lower case.
_SAME_NAME = _words("""
    ADX AES AMX_BF16 AMX_INT8 AMX_TILE AVX AVX2 AVX512BW AVX512CD AVX512DQ AVX512ER AVX512F AVX512PF
    AVX512VL AVX512_4FMAPS AVX512_4VNNIW AVX512_BF16 AVX512_BITALG AVX512_FP16 AVX512_VBMI2 AVX512_VNNI
    AVX512_VP2INTERSECT AVX512_VPOPCNTDQ AVX_VNNI BMI1 BMI2 CLFLUSHOPT CLWB CLZERO ENQCMD F16C FMA FMA4
    FRED FSGSBASE GFNI INVLPGB INVPCID LWP MONITOR MOVBE MOVDIR64B MOVDIRI MPX PCLMULQDQ PCONFIG POPCNT
    RDPID RDPRU RDRAND RDSEED RDTSCP RTM SERIALIZE SEV_ES SEV_SNP SKINIT SMAP SMX SSE3 SSE4A SSE4_1
    SSE4_2 SSSE3 SVM TBM TSXLDTRK VAES VMX VPCLMULQDQ WAITPKG WBNOINVD XOP XSAVE XSAVEC XSAVEOPT XSAVES
""")

# Features that Linux shows under another name (arch/x86/include/asm/cpufeatures.h).
_OTHER_NAME = {
    "AVX512_IFMA": "avx512ifma",
    "AVX512_VBMI": "avx512vbmi",
    "CLFSH": "clflush",
    "CMPXCHG16B": "cx16",
    "D3NOW": "3dnow",
    "D3NOWEXT": "3dnowext",
    "HLE_OR_RTM": "rtm",
    "INVEPT": "ept",
    "INVVPID": "vpid",
    "LZCNT": "abm",
    "MONITORX": "mwaitx",
    "PADLOCK_ACE": "ace",
    "PADLOCK_PHE": "phe",
    "PADLOCK_PMM": "pmm",
    "PADLOCK_RNG": "rng",
    "PKU": "ospke",
    "PREFETCHW": "3dnowprefetch",
    "SGX1": "sgx",
    "SHA": "sha_ni",
    "SKINIT_OR_SVM": "svm",
}

# Features that Linux does not list in /proc/cpuinfo, so it stays unknown whether a host has them.
UNNAMED = _words("""
    AESKLE AMX_COMPLEX AMX_FP16 AVX_IFMA AVX_NE_CONVERT AVX_VNNI_INT16 AVX_VNNI_INT8 CENTAUR_AIS
    CL1INVMB CMPCCXADD HRESET KL LKGS MCOMMIT MSRLIST OSS PADLOCK_GMI PADLOCK_UNDOC PTWRITE RAO_INT
    RMPQUERY SHA512 SM3 SM4 TDX TSE UINTR WIDE_KL WRMSRNS
""")

# Instructions of CPUs without 64-bit mode, of the Itanium and of Knights Corner, and withdrawn instructions.
# The decoder finds them only in 32-bit code or with special options.
NOT_X86_64 = _words("""
    CYRIX_D3NOW CYRIX_DDI CYRIX_DMI CYRIX_EMMI CYRIX_FPU CYRIX_SHR CYRIX_SMINT CYRIX_SMINT_0F7E
    CYRIX_SMM FPU287XL_ONLY FPU387SL_ONLY IA64 INTEL286_ONLY INTEL386_A0_ONLY INTEL386_ONLY
    INTEL486_A_ONLY INTEL8086_ONLY KNC MOV_TR PCOMMIT UDBG UMOV
""")

# Other spellings of a flag: that of Linux if archspec's differs, then those of compilers and of py-cpuinfo.
_SYNONYMS = {
    "3dnowprefetch": ("prefetchw", "prfchw"),
    "abm": ("lzcnt",),
    "cx16": ("cmpxchg16b",),
    "ospke": ("pku",),
    "pclmulqdq": ("pclmul",),
    "rdrand": ("rdrnd",),
    "sha_ni": ("sha",),
    "sse3": ("pni",),
}


@functools.cache
def decoder_features() -> dict[int, str]:
    """Return the names of the decoder's features by number."""
    return {number: name for name, number in vars(CpuidFeature).items() if isinstance(number, int)}


def requirements(features: Iterable[int]) -> frozenset[str]:
    """Return the names of the decoder's `features`, without those that every x86-64 CPU has."""
    names = (decoder_features()[number] for number in features)
    return frozenset(_name(name) for name in names if name not in BASELINE and name not in HINTS)


def flags(feature: str) -> frozenset[str]:
    """Return the spellings of `feature` on Linux and in archspec; empty if Linux does not show it."""
    known = {_name(name) for name in _SAME_NAME} | set(_OTHER_NAME.values())
    return frozenset((feature, *_SYNONYMS.get(feature, ()))) if feature in known else frozenset()


def host_has(feature: str, host: frozenset[str]) -> bool | None:
    """Return whether a host with the flags `host` has `feature`; `None` if Linux does not list the feature.

    Underscores and dots in spellings are ignored (`avx512_vbmi` equals `avx512vbmi`).
    """
    spellings = flags(feature)
    if {_plain(flag) for flag in spellings | {feature}} & {_plain(flag) for flag in host}:
        return True
    return False if spellings else None


def _name(decoder_name: str) -> str:
    return _OTHER_NAME.get(decoder_name, decoder_name.lower())


def _plain(flag: str) -> str:
    return flag.replace("_", "").replace(".", "").lower()
