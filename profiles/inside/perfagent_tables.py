"""Tables of what was seen that stop growing, or keep an even part of what comes.

CPython 3.8 and later, standard library alone.
"""

MOST_KEYS = 50000
"""Numbers of distinct arguments kept; beyond, those of a random half, of a quarter, and so on."""
MOST_NUMBERS = 1000
MOST_SIZES = 500
TIMES_OF_A_SIZE = 7
MOST_NAMES = 50
_SHOWN = 5


class Counts:
    """How often each of some names came; names beyond MOST_NAMES are left out."""

    def __init__(self):
        self.table = {}

    def add(self, name):
        """Count a name once more."""
        table = self.table
        if name in table:
            table[name] += 1
        elif len(table) < MOST_NAMES:
            table[name] = 1

    def most(self):
        """Return the most frequent names with their counts, most frequent first."""
        return sorted(self.table.items(), key=lambda item: -item[1])[:_SHOWN]

    def names(self):
        """Return the names in order."""
        return sorted(self.table)


class EvenPart:
    """Every number, or every second, fourth, … of them when there are many."""

    def __init__(self):
        self.numbers = []
        self._stride = 1
        self._seen = 0

    def add(self, number):
        """Take in a number."""
        self._seen += 1
        if self._seen % self._stride == 0:
            self.numbers.append(number)
            if len(self.numbers) > MOST_NUMBERS:
                del self.numbers[::2]
                self._stride *= 2

    def middle(self):
        """Return the median, None of nothing."""
        return middle(self.numbers) if self.numbers else None


class Keys:
    """Tells how many numbers are distinct, and how many of them came once and twice.

    When there are too many, only those are kept whose last bits are zero: a random half for each
    bit, as they are hashes.
    """

    def __init__(self):
        self.told = 0
        self._mask = 0
        self._counts = {}

    def add(self, key):
        """Take in a number."""
        self.told += 1
        if key & self._mask:
            return
        counts = self._counts
        known = counts.get(key, 0)
        if known < 3:
            counts[key] = known + 1
        if len(counts) > MOST_KEYS:
            self._mask = mask = 2 * self._mask + 1
            self._counts = {key: count for key, count in counts.items() if not key & mask}

    def report(self):
        """Return the counts as plain JSON."""
        counts = list(self._counts.values())
        return {
            "told": self.told,
            "kept": len(counts),
            "once": counts.count(1),
            "twice": counts.count(2),
            "halvings": self._mask.bit_length(),
        }


class Sizes:
    """Sizes, with how often each came and some times of calls with it."""

    def __init__(self):
        self.smallest = self.largest = None
        self._known = {}

    def add(self, size):
        """Take in a size."""
        if self.largest is None:
            self.smallest = self.largest = size
        elif size < self.smallest:
            self.smallest = size
        elif size > self.largest:
            self.largest = size
        known = self._known.get(size)
        if known is not None:
            known[0] += 1
        elif len(self._known) < MOST_SIZES:
            self._known[size] = [1]

    def add_time(self, size, seconds):
        """Take in how long a call took in which something had this size."""
        known = self._known.get(size)
        if known is not None and len(known) <= TIMES_OF_A_SIZE:
            known.append(seconds)

    def report(self):
        """Return smallest, median and largest size; None of nothing."""
        if self.largest is None:
            return None
        sizes = sorted(self._known)
        left = sum(self._known[size][0] for size in sizes) / 2
        for size in sizes:
            left -= self._known[size][0]
            if left <= 0:
                return [self.smallest, size, self.largest]
        return [self.smallest, self.smallest, self.largest]

    def times(self):
        """Return [size, median seconds] of each size with times, in order."""
        return [[size, middle(held[1:])] for size, held in sorted(self._known.items()) if held[1:]]


def middle(numbers):
    """Return the median of numbers, the lower one of the two in the middle."""
    return sorted(numbers)[(len(numbers) - 1) // 2]
