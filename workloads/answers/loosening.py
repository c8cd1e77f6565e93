"""How far two answers may differ and still count as the same; nothing is loosened but by name."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...errors import UserError

FLOAT_REL = 1e-9
"""Relative difference between two 64-bit floats that counts as the same answer."""

COARSE_REL = {"float16": 1e-3, "bfloat16": 1.6e-2, "float32": 1.3e-6}
"""The same for narrower floats, whose own rounding is coarser (as `torch.testing.assert_close`)."""

_SWITCHES = {
    "key-order": "key_order",
    "messages": "messages",
    "aliasing": "aliasing",
    "stdout": "stdout",
    "files": "files",
    "dtype": "dtype",
    "private": "private",
    "calls": "calls",
}
_NUMBERS = {"float-rel": "float_rel", "float-abs": "float_abs"}


@dataclass(frozen=True, kw_only=True)
class Loosening:
    """What is not, or not exactly, compared. The defaults loosen nothing.

    Attributes:
        float_rel: Relative difference at which two floats are still the same, at least 0;
            narrower floats than 64 bits keep their own (COARSE_REL) when that is larger.
        float_abs: Absolute difference at which they are still the same, at least 0.
        key_order: The order of a mapping's keys is not compared.
        messages: Nor are the texts of exceptions; their types still are.
        aliasing: Nor is which lists are one and the same object.
        stdout: Nor is what was printed.
        files: Nor are the files that were written.
        dtype: Nor are the numeric types of arrays and of numpy's scalars; the values still are.
        private: Nor are private attributes of objects.
        calls: Nor are recorded calls of the touched functions made again.
        names: The options as they were given, for reports.
    """

    float_rel: float = FLOAT_REL
    float_abs: float = 0.0
    key_order: bool = False
    messages: bool = False
    aliasing: bool = False
    stdout: bool = False
    files: bool = False
    dtype: bool = False
    private: bool = False
    calls: bool = False
    names: tuple[str, ...] = field(default=())

    @classmethod
    def parse(cls, names: Iterable[str]) -> Loosening:
        """Return the loosening that the options ask for.

        Args:
            names: "key-order", "messages", "aliasing", "stdout", "files", "dtype", "private",
                "calls", "float-rel=NUMBER" or "float-abs=NUMBER"; of one given twice the last
                counts.

        Raises:
            UserError: No such option (the message names the nearest), a number that is missing,
                negative or not finite, or one where none belongs.
        """
        chosen: dict[str, Any] = {}
        given = tuple(names)
        for option in given:
            name, equals, text = option.partition("=")
            if name in _NUMBERS:
                chosen[_NUMBERS[name]] = _number(option, text)
            elif name not in _SWITCHES:
                raise UserError(_unknown(name))
            elif equals:
                raise UserError(f"--loosen {option}: {name} takes no number; write {name}")
            else:
                chosen[_SWITCHES[name]] = True
        return cls(**chosen, names=given)

    def same(self, one: float, other: float, kind: str = "float64") -> bool:
        """Tell whether two floats count as one; NaN equals NaN, and -0.0 equals 0.0."""
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return math.isclose(one, other, rel_tol=self.rel(kind), abs_tol=self.float_abs)

    def rel(self, kind: str) -> float:
        """Return the relative tolerance for floats of a kind such as "float32"."""
        return max(self.float_rel, COARSE_REL.get(kind, 0.0))

    @property
    def note(self) -> str | None:
        """How reports say which options were on; None when nothing is loosened."""
        return f"answers compared loosely: {', '.join(self.names)}" if self.names else None


def _number(option: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        name = option.partition("=")[0]
        raise UserError(f"--loosen {option}: give a number of at least 0, such as {name}=1e-6")
    return number


def _unknown(name: str) -> str:
    known = [*_NUMBERS, *_SWITCHES]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
    return f"--loosen {name}: no such option; {hint}"
