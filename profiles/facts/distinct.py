"""How many distinct values there are, from what a part of the calls showed.

Two things may leave calls out. The table of values keeps, when it is full, only those whose hash
ends in ever more zero bits (Wegman's adaptive sampling, in Flajolet, "On adaptive sampling",
Computing 43, 1990): each halving keeps a random half of the values, so counts are doubled for each.
And only some of the calls were looked into. For a sample of n of N drawn without replacement that
saw d values, f1 of them once and f2 twice, with q = n / N,

    d + f1 ** 2 / (n / (n - 1) * 2 * f2 + q / (1 - q) * f1)

is a lower bound for the number of values that is exact where values are alike in frequency
(Chao & Lin, "Nonparametric lower bounds for species richness and shared species richness under
sampling without replacement", Biometrics 68, 2012).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What a table of values holds.

    Attributes:
        calls: Calls there were, N.
        looked_at: Calls whose value is in the counts, n; 1 to `calls`.
        kept: Values in the table.
        once: Those of them that were seen in one call.
        twice: Those in two.
        halvings: How often the table was halved.
    """

    calls: int
    looked_at: int
    kept: int
    once: int
    twice: int
    halvings: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every call's value was kept, so that the number is no estimate."""
        return self.looked_at == self.calls and not self.halvings

    def distinct(self) -> int:
        """Return the number of distinct values: exact when `is_whole`, else an estimate."""
        scale = 2**self.halvings
        seen, once, twice = self.kept * scale, self.once * scale, self.twice * scale
        unseen = 0.0
        if self.looked_at < self.calls and once:
            share = self.looked_at / self.calls
            drawn = self.looked_at / max(self.looked_at - 1, 1)
            unseen = once**2 / (drawn * 2 * twice + share / (1 - share) * once)
        return min(round(seen + unseen), self.calls)
