"""How much time recording may take, and what it took: the workload keeps about half its pace.

CPython 3.8 and later, standard library alone.
"""

import time

SLACK_S = 0.25
"""Seconds that may be spent before there is a pace to keep, but no more than `SLACK_SHARE`."""
SLACK_SHARE = 0.5
"""Share of the workload's usual time that these seconds may be."""
OWN_SLACK_S = 0.03
"""Seconds that may be spent on each function nevertheless, but no more than `OWN_SLACK_SHARE`."""
OWN_SLACK_SHARE = 0.02
"""Share of the workload's usual time that these may be."""
LATEST = 1.8
"""Multiple of the workload's usual time after which nothing is watched any more: what is left to do
then runs at its own pace, so that in all it takes less than three times as long, whatever recording
turns out to cost."""
LOOKING_SHARE = 0.4
"""Share of the workload's time from which on nothing is looked into, and before which less is."""
OWN_SHARE = 0.01
"""Share of the time that each function may have nevertheless."""
COUNTING_SHARE = 0.45
"""Share of the time from which on the function that costs most is no longer counted."""
_PLENTY = 0.5
_LOOKS = 32


def _counting_s(spot):
    return spot.counted_s if spot.is_counted else 0.0


class Budget:
    """Decides which calls are looked into and which functions are counted.

    Args:
        spots: The watched functions.
        give_up: Called with one that is to be watched no longer.
        longest_stride: At least every so many calls it is asked.
        usual_s: How long the workload takes when nobody looks; None when that is not known.
    """

    def __init__(self, spots, give_up, longest_stride, usual_s=None):
        self.spots = spots
        self.slack_s, self._own_slack_s = SLACK_S, OWN_SLACK_S
        self._latest_s = None
        if usual_s is not None:
            self._latest_s = LATEST * usual_s
            self.slack_s = min(SLACK_S, SLACK_SHARE * usual_s)
            self._own_slack_s = min(OWN_SLACK_S, OWN_SLACK_SHARE * usual_s)
        self._give_up = give_up
        self._longest_stride = longest_stride
        self.clock = time.perf_counter
        self._cpu_clock = time.process_time
        self._began = self._cpu_began = 0.0
        self.elapsed_s = self.looked_s = self.counted_s = 0.0
        self.unseen_s = 0.0

    def start(self):
        """Let the workload's time run."""
        self._cpu_began = self._cpu_clock()
        self._began = self.clock()

    def stop(self):
        """Stop the workload's time."""
        self.elapsed_s = self._elapsed(self.clock())

    def _elapsed(self, now):
        """Return for how many seconds the workload has run: when others had its core it did not."""
        return self.elapsed_s + min(now - self._began, self._cpu_clock() - self._cpu_began)

    def overhead_s(self):
        """Return the seconds that recording took so far: measured ones, and estimated ones."""
        spent = self.looked_s + self.counted_s
        for spot in self.spots:
            spent += (spot.calls - spot.accounted) * spot.unit_s
        return spent

    def spend(self, spot, seconds):
        """Add to what looking into a function's calls took."""
        self.looked_s += seconds
        spot.looked_s += seconds

    def account(self, spot):
        """Add what counting a function's calls cost since the last time."""
        spent = (spot.calls - spot.accounted + spot.extra / 2) * spot.unit_s
        self.counted_s += spent
        spot.counted_s += spent
        spot.accounted, spot.extra = spot.calls, 0

    def wants(self, spot, now):
        """Tell whether the call that begins is to be looked into, and choose the next one."""
        self.account(spot)
        elapsed = self._elapsed(now)
        spent = self.looked_s + self.counted_s
        look = spent < max(self.slack_s, LOOKING_SHARE * elapsed) or (
            spot.looked_s < max(self._own_slack_s, OWN_SHARE * elapsed)
        )
        if not look:
            spot.stride = min(2 * spot.stride, self._longest_stride)
        elif spent < max(self.slack_s, _PLENTY * LOOKING_SHARE * elapsed):
            spot.stride = max(spot.stride // 2, 1)
        spot.space()
        self._relieve(elapsed)
        return look and spot.is_counted

    def relieve(self, spot):
        """See whether being told of the pieces of a generator costs too much."""
        self.account(spot)
        self._relieve(self._elapsed(self.clock()))

    def _relieve(self, elapsed):
        if self._latest_s is not None and elapsed > self._latest_s:
            for spot in [each for each in self.spots if each.is_counted]:
                spot.note("watched until it had slowed the workload down enough")
                self._give_up(spot)
        elif self.counted_s > max(self.slack_s, COUNTING_SHARE * elapsed):
            dearest = max(self.spots, key=_counting_s)
            dearest.note("counting stopped, as it would have slowed the workload down too much")
            self._give_up(dearest)

    def measure(self, spot, call, bare_s):
        """Measure what a look costs beside what is measured of it, on calls that do nothing.

        Args:
            spot: Stands for the function `call`, which takes an argument.
            call: One of perfagent's own functions, which is watched.
            bare_s: Seconds that it takes when it is not.
        """
        spent = 0.0
        for _ in range(2):  # the first round is the interpreter's, to warm up
            self.looked_s = 0.0
            self.start()
            began = self.clock()
            for _ in range(_LOOKS):
                spot.next = 0
                call(None)
            spent = self.clock() - began
        self.unseen_s = max((spent - self.looked_s) / _LOOKS - bare_s, 0.0)
        self.looked_s = self.counted_s = 0.0
