"""Says which environment variables the code under test may see."""

from __future__ import annotations

import os
from pathlib import Path

_LET_THROUGH = ("CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "LOGNAME", "TMPDIR", "USER")
_ONE_THREAD = (
    "BLIS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def target_variables(python: Path) -> dict[str, str]:
    """Return the variables for commands of the target, less what depends on the tree they run in.

    It is an allow-list: of the user's environment nothing passes but what is named here, so
    neither keys nor tokens do. Locale, time zone and thread counts are fixed, because they change
    both answers and times.

    Args:
        python: The interpreter of the environment, whose folder goes first on PATH.
    """
    path = f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {
        **{name: os.environ[name] for name in _LET_THROUGH if name in os.environ},
        **dict.fromkeys(_ONE_THREAD, "1"),
        "PATH": path,
        "VIRTUAL_ENV": str(python.parent.parent),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONNOUSERSITE": "1",
    }
