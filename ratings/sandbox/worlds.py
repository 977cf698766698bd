# SPDX-License-Identifier: Apache-2.0
"""Arithmetic worlds: what a decoder's floats depend on besides its bitstreams.

Libraries choose their kernels by the processor's features, and share sums out among threads; each
choice rounds otherwise. Masks let them choose, on this machine, as they would on another one. They
are variables of the libraries' own: code that was compiled for one kind of processor heeds none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Libraries start a thread for each core that they see, and a decoder may see more than it may use.
THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS",
)  # fmt: skip
# Of AVX-512, and of all AVX. NumPy has other names for them since 2.4, and a warning that nobody
# sees for those that it doesn't know; one of its baseline's would keep it from being imported.
_NUMPY_AVX512 = (
    "X86_V4 AVX512F AVX512CD AVX512_KNL AVX512_KNM AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL "
    "AVX512_SPR"
)
_NUMPY_AVX = f"X86_V3 AVX F16C FMA3 AVX2 {_NUMPY_AVX512}"
_AVX2 = {
    "NPY_DISABLE_CPU_FEATURES": _NUMPY_AVX512,
    "OPENBLAS_CORETYPE": "Haswell",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_CBWR": "AVX2",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL",
}
_SSE4 = {
    "NPY_DISABLE_CPU_FEATURES": _NUMPY_AVX,
    "OPENBLAS_CORETYPE": "Nehalem",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_CBWR": "COMPATIBLE",
    # The C library's exp, pow and sin, which Python's `math` calls, have other kernels by FMA.
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL",
}


@dataclass(frozen=True)
class World:
    """A way in which the same decoder may be run; `words` say what is different in it."""

    slug: str
    words: str
    masks: Mapping[str, str] = field(default_factory=dict)
    threads_per_core: int = 1
    backwards: bool = False  # files arrive, and are listed, in the other order

    def variables(self, cores: float) -> dict[str, str]:
        """Return what is set for a decoder that may use so many cores: threads, and the masks."""
        threads = self.threads_per_core * max(1, int(cores))
        return dict.fromkeys(THREADS, str(threads)) | dict(self.masks)

    def description(self) -> dict[str, str]:
        """Return what a run's environment says of its world: nothing of the usual one."""
        return {} if self == USUAL else {"world": self.slug}


USUAL = World("usual", "as usual")
AVX2 = World("avx2", "with the arithmetic of processors without AVX-512", _AVX2)
SSE4 = World("sse4", "with the arithmetic of processors without AVX", _SSE4)
THREADED = World("threads", "with twice as many threads", threads_per_core=2)
BACKWARDS = World("backwards", "with the files in the other order", backwards=True)
# All that at once, in one run: what is equal in it hardly depends on any of it.
ELSEWHERE = World(
    "elsewhere",
    "with the arithmetic of processors without AVX, twice as many threads, and the files in the "
    "other order",
    _SSE4,
    threads_per_core=2,
    backwards=True,
)
OTHERS = (AVX2, SSE4, THREADED, BACKWARDS, ELSEWHERE)
WORLDS = {world.slug: world for world in (USUAL, *OTHERS)}
