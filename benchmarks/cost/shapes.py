"""Workloads on which looking into calls is dear: many small calls, large arguments, recursion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One workload.

    Attributes:
        code: The module `spot` of it: the functions that are watched, and `run(n)`.
        watched: Names of the functions that are watched.
    """

    code: str
    watched: tuple[str, ...]


_TEN = "\n\n".join(f"def f{i}(x):\n    return x + {i}" for i in range(10))
_CALL_TEN = " + ".join(f"f{i}(i)" for i in range(10))

SHAPES: Mapping[str, Shape] = {
    "one trivial function": Shape(
        code="def f(x):\n    return x + 1\n\n\n"
        "def run(n):\n    total = 0\n    for i in range(n):\n        total += f(i)\n"
        "    return total\n",
        watched=("f",),
    ),
    "ten trivial functions": Shape(
        code=f"{_TEN}\n\n\ndef run(n):\n    total = 0\n    for i in range(n):\n"
        f"        total += {_CALL_TEN}\n    return total\n",
        watched=tuple(f"f{i}" for i in range(10)),
    ),
    "recursion": Shape(
        code="def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\n\n\n"
        "def run(n):\n    return sum(f(12) for _ in range(n))\n",
        watched=("f",),
    ),
    "generator": Shape(
        code="def f(n):\n    for i in range(n):\n        yield i\n\n\n"
        "def run(n):\n    return sum(sum(f(20)) for _ in range(n))\n",
        watched=("f",),
    ),
    "large arguments": Shape(
        code="def f(xs):\n    return xs[0] + len(xs)\n\n\nXS = [list(range(5000))] * 3\n\n\n"
        "def run(n):\n    total = 0\n    for i in range(n):\n        total += f(XS[i % 3])\n"
        "    return total\n",
        watched=("f",),
    ),
    "large arguments, all different": Shape(
        code="def f(xs):\n    return sum(xs)\n\n\n"
        "def run(n):\n    return sum(f([i] * 2000) for i in range(n))\n",
        watched=("f",),
    ),
    "a method that writes": Shape(
        code="class Box:\n    def __init__(self):\n        self.total = 0\n\n"
        "    def add(self, x):\n        self.total += x\n\n\n"
        "def run(n):\n    box = Box()\n    for i in range(n):\n        box.add(i)\n"
        "    return box.total\n",
        watched=("Box.add",),
    ),
    "long calls": Shape(
        code="def f(n):\n    total = 0\n    for i in range(n):\n        total += i * i\n"
        "    return total\n\n\n"
        "def run(n):\n    return sum(f(20000) for _ in range(n))\n",
        watched=("f",),
    ),
}

LENGTHS_S = (0.01, 0.06, 1.0)
"""How long a workload is to take when nobody looks, in seconds."""
