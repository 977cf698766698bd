"""The arithmetic of another processor, on this one: libraries leave out what they are told to."""

from pathlib import Path

# numpy 2.4 has other names for features than earlier ones; it warns of those it doesn't know.
WITHOUT_AVX = {
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR AVX F16C FMA3 AVX2 AVX512F "
    "AVX512CD AVX512_KNL AVX512_KNM AVX512_SKX AVX512_CLX AVX512_CNL",
    "OPENBLAS_CORETYPE": "Nehalem",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "ATEN_CPU_CAPABILITY": "default",
}


def has_avx2() -> bool:
    """Tell whether this machine's processor has what the other one lacks."""
    return " avx2 " in Path("/proc/cpuinfo").read_text()
