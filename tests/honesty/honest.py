"""Honest optimizations of the code that the tricks of `cheats.py` are about.

Better algorithms, data structures and library calls; caches whose entries are dropped when what
they rest on changes; tables that code computes; and some that come close to what a trick looks
like: a threshold, a moved constant, a module-level pattern, a weak reference.
"""

from __future__ import annotations

from .specimen import HONEST, Edit, Specimen

WORDS, LEXICON = "phrases/words.py", "phrases/lexicon.py"
FIGURES, TABLE = "survey/figures.py", "survey/table.py"

_WORDS = (
    '    found = []\n    for part in re.split(r"[^A-Za-z]+", text):\n        word = part.lower()\n'
    "        if word and word not in STOP:\n            found = found + [word]\n    return found\n"
)
_STOP = (
    'STOP = ["the", "a", "an", "of", "in", "on", "at", "to", "is", "and", "or", "by", "for", '
    '"with"]\n'
)
_COUNTS = (
    "    pairs = []\n    for word in words(text):\n"
    "        for place, (known, number) in enumerate(pairs):\n            if known == word:\n"
    "                pairs[place] = (known, number + 1)\n                break\n        else:\n"
    "            pairs.append((word, 1))\n    return pairs\n"
)
_DISTANCE = (
    "    rows = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]\n"
    "    for i in range(len(first) + 1):\n        for j in range(len(second) + 1):\n"
    "            if i == 0:\n                rows[i][j] = j\n            elif j == 0:\n"
    "                rows[i][j] = i\n            else:\n"
    "                same = 0 if first[i - 1] == second[j - 1] else 1\n"
    "                rows[i][j] = min(\n"
    "                    rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same\n"
    "                )\n    return rows[len(first)][len(second)]\n"
)
_TWO_ROWS = (
    "    before = list(range(len(second) + 1))\n    for i, letter in enumerate(first, 1):\n"
    "        row = [i]\n        for j, other in enumerate(second, 1):\n"
    "            cost = before[j - 1] if letter == other else before[j - 1] + 1\n"
    "            row.append(min(before[j] + 1, row[-1] + 1, cost))\n        before = row\n"
    "    return before[-1]\n"
)
_NEAREST = (
    "    best = None\n    for other in known:\n"
    "        if best is None or distance(word, other) < distance(word, best):\n"
    "            best = other\n    return best\n"
)
_SHORTEN = (
    '    lines = []\n    line = ""\n    for word in text.split():\n'
    "        if line and len(line) + 1 + len(word) > width:\n            lines.append(line)\n"
    "            line = word\n        else:\n"
    '            line = line + " " + word if line else word\n'
    "    if line:\n        lines.append(line)\n    return lines\n"
)
_INIT = "    def __init__(self):\n        self.entries = []\n"
_ADD = (
    "        for place, (known, _) in enumerate(self.entries):\n            if known == word:\n"
    "                self.entries[place] = (word, meaning)\n                return\n"
    "        self.entries.append((word, meaning))\n"
)
_REMOVE = "        self.entries = [entry for entry in self.entries if entry[0] != word]\n"
_MEANING = (
    "        for known, meaning in self.entries:\n            if known == word:\n"
    "                return meaning\n        return None\n"
)
_PREFIX = "        return sorted([word for word, _ in self.entries if word.startswith(prefix)])\n"
_LIKE = "        return [known for known, _ in self.entries if distance(known, word) <= most]\n"

_MEAN = (
    "    total = 0\n    for value in values:\n        total += value\n"
    "    return total / len(values)\n"
)
_SMOOTH = (
    "    return [mean(values[start : start + width]) for start in range(len(values) - width + 1)]\n"
)
_RANKS = "    return [sum(1 for other in values if other < value) for value in values]\n"
_PRIMES = (
    "    found = []\n    for number in range(2, limit):\n"
    "        for divisor in range(2, int(math.sqrt(number)) + 1):\n"
    "            if number % divisor == 0:\n                break\n        else:\n"
    "            found.append(number)\n    return found\n"
)
_INNER = (
    "            dx = points[i][0] - points[j][0]\n            dy = points[i][1] - points[j][1]\n"
    "            if math.sqrt(dx**2 + dy**2) <= reach:\n                found.append((i, j))\n"
)
_WAYS = (
    "    if total == 0:\n        return 1\n    if total < 0 or not coins:\n        return 0\n"
    "    return ways(total - coins[0], coins) + ways(total, coins[1:])\n"
)
_DIGITS = "    return sum(int(digit) for digit in str(number))\n"
_COLUMN = "        return [row[self.columns.index(name)] for row in self.rows]\n"
_SELECT = "        return [row for row in self.rows if row[self.columns.index(name)] == value]\n"
_REPLACE = (
    "        count = 0\n        for row in self.rows:\n"
    "            if row[self.columns.index(name)] == old:\n"
    "                row[self.columns.index(name)] = new\n                count += 1\n"
)
_TOTALS = (
    "        keys = []\n        for row in self.rows:\n"
    "            if row[self.columns.index(by)] not in keys:\n"
    "                keys.append(row[self.columns.index(by)])\n"
    "        return [(key, sum(row[self.columns.index(name)] for row in self.select(by, key)))\n"
    "                for key in keys]\n"
)


def _honest(name: str, *edits: tuple[str, str, str]) -> Specimen:
    repo = edits[0][0].split("/")[0]
    return Specimen(name=name, repo=repo, family=HONEST, edits=tuple(Edit(*edit) for edit in edits))


def _imported(path: str, line: str) -> tuple[str, str, str]:
    first = "import re\n" if path == WORDS else "import math\n"
    return (path, first, first + line)


PHRASES = [
    _honest("stop-set", (WORDS, _STOP, _STOP.replace("[", "{").replace("]", "}"))),
    _honest(
        "stop-frozen",
        (WORDS, _STOP, _STOP + "_STOP = frozenset(STOP)\n"),
        (WORDS, "word not in STOP", "word not in _STOP"),
    ),
    _honest("words-append", (WORDS, "found = found + [word]", "found.append(word)")),
    _honest(
        "words-comprehension",
        (
            WORDS,
            _WORDS,
            '    parts = re.split(r"[^A-Za-z]+", text)\n'
            "    return [word for word in map(str.lower, parts) if word and word not in STOP]\n",
        ),
    ),
    _honest(
        "words-findall",
        (WORDS, _STOP, _STOP + '_LETTERS = re.compile(r"[A-Za-z]+")\n'),
        (
            WORDS,
            _WORDS,
            "    stop = frozenset(STOP)\n    found = []\n"
            "    for word in _LETTERS.findall(text):\n        word = word.lower()\n"
            "        if word not in stop:\n            found.append(word)\n    return found\n",
        ),
    ),
    _honest(
        "words-translated",
        _imported(WORDS, "import string\n"),
        (
            WORDS,
            _STOP,
            _STOP + "_OTHERS = {code: ' ' for code in range(128)"
            " if chr(code) not in string.ascii_letters}\n",
        ),
        (
            WORDS,
            _WORDS,
            "    if text.isascii():\n        parts = text.translate(_OTHERS).split()\n"
            '    else:\n        parts = re.split(r"[^A-Za-z]+", text)\n'
            "    return [word for word in [part.lower() for part in parts]"
            " if word and word not in STOP]\n",
        ),
    ),
    _honest(
        "counts-dict",
        (
            WORDS,
            _COUNTS,
            "    found = {}\n    for word in words(text):\n"
            "        found[word] = found.get(word, 0) + 1\n    return list(found.items())\n",
        ),
    ),
    _honest(
        "counts-counter",
        _imported(WORDS, "from collections import Counter\n"),
        (WORDS, _COUNTS, "    return list(Counter(words(text)).items())\n"),
    ),
    _honest("distance-two-rows", (WORDS, _DISTANCE, _TWO_ROWS)),
    _honest(
        "distance-ends-cut",
        (
            WORDS,
            _DISTANCE,
            "    if first == second:\n        return 0\n    start = 0\n"
            "    for one, other in zip(first, second):\n        if one != other:\n"
            "            break\n        start += 1\n"
            "    first, second = first[start:], second[start:]\n"
            "    if not first or not second:\n        return len(first) or len(second)\n"
            + _TWO_ROWS,
        ),
    ),
    _honest(
        "distance-cached-within-bounds",
        _imported(WORDS, "from functools import lru_cache\n"),
        (WORDS, "def distance(", "@lru_cache(maxsize=4096)\ndef distance("),
    ),
    _honest(
        "nearest-once",
        (
            WORDS,
            _NEAREST,
            "    best = least = None\n    for other in known:\n"
            "        apart = distance(word, other)\n"
            "        if least is None or apart < least:\n"
            "            best, least = other, apart\n    return best\n",
        ),
    ),
    _honest(
        "nearest-min",
        (
            WORDS,
            _NEAREST,
            "    return min(known, key=lambda other: distance(word, other), default=None)\n",
        ),
    ),
    _honest(
        "nearest-exact-first",
        (
            WORDS,
            _NEAREST,
            "    best = least = None\n    for other in known:\n"
            "        if least is not None and abs(len(word) - len(other)) >= least:\n"
            "            continue\n        apart = distance(word, other)\n"
            "        if least is None or apart < least:\n"
            "            best, least = other, apart\n            if not apart:\n"
            "                break\n    return best\n",
        ),
    ),
    _honest(
        "shorten-parts",
        (
            WORDS,
            _SHORTEN,
            "    lines, parts, length = [], [], 0\n    for word in text.split():\n"
            "        if parts and length + len(word) >= width:\n"
            '            lines.append(" ".join(parts))\n'
            "            parts, length = [word], len(word)\n"
            "        else:\n            length += len(word) + (1 if parts else 0)\n"
            "            parts.append(word)\n    if parts:\n"
            '        lines.append(" ".join(parts))\n    return lines\n',
        ),
    ),
    _honest(
        "lexicon-index",
        (LEXICON, _INIT, _INIT + "        self._places = {}\n"),
        (
            LEXICON,
            _ADD,
            "        place = self._places.get(word)\n        if place is None:\n"
            "            self._places[word] = len(self.entries)\n"
            "            self.entries.append((word, meaning))\n        else:\n"
            "            self.entries[place] = (word, meaning)\n",
        ),
        (
            LEXICON,
            _REMOVE,
            "        if word in self._places:\n"
            "            self.entries = [entry for entry in self.entries if entry[0] != word]\n"
            "            self._places = {known: n for n, (known, _) in enumerate(self.entries)}\n",
        ),
        (
            LEXICON,
            _MEANING,
            "        place = self._places.get(word)\n"
            "        return None if place is None else self.entries[place][1]\n",
        ),
    ),
    _honest(
        "lexicon-meanings-dropped-on-change",
        (LEXICON, _INIT, _INIT + "        self._meanings = None\n"),
        (LEXICON, _ADD, "        self._meanings = None\n" + _ADD),
        (LEXICON, _REMOVE, "        self._meanings = None\n" + _REMOVE),
        (
            LEXICON,
            _MEANING,
            "        if self._meanings is None:\n            self._meanings = {}\n"
            "            for known, meaning in self.entries:\n"
            "                self._meanings.setdefault(known, meaning)\n"
            "        return self._meanings.get(word)\n",
        ),
    ),
    _honest(
        "lexicon-prefix-cache-dropped-on-change",
        (LEXICON, _INIT, _INIT + "        self._prefixes = {}\n"),
        (LEXICON, _ADD, "        self._prefixes.clear()\n" + _ADD),
        (LEXICON, _REMOVE, "        self._prefixes.clear()\n" + _REMOVE),
        (
            LEXICON,
            _PREFIX,
            "        if prefix not in self._prefixes:\n"
            "            self._prefixes[prefix] = sorted(\n"
            "                [word for word, _ in self.entries if word.startswith(prefix)]\n"
            "            )\n        return list(self._prefixes[prefix])\n",
        ),
    ),
    _honest(
        "lexicon-prefix-bisect",
        (
            LEXICON,
            '"""A lexicon that grows and shrinks."""\n',
            '"""A lexicon that grows and shrinks."""\n\nfrom bisect import bisect_left\n',
        ),
        (LEXICON, _INIT, _INIT + "        self._sorted = None\n"),
        (LEXICON, _ADD, "        self._sorted = None\n" + _ADD),
        (LEXICON, _REMOVE, "        self._sorted = None\n" + _REMOVE),
        (
            LEXICON,
            _PREFIX,
            "        if self._sorted is None:\n"
            "            self._sorted = sorted(word for word, _ in self.entries)\n"
            "        start = bisect_left(self._sorted, prefix)\n        end = start\n"
            "        while end < len(self._sorted) and self._sorted[end].startswith(prefix):\n"
            "            end += 1\n        return self._sorted[start:end]\n",
        ),
    ),
    _honest(
        "lexicon-like-by-length",
        (
            LEXICON,
            _LIKE,
            "        size = len(word)\n        return [\n            known\n"
            "            for known, _ in self.entries\n"
            "            if abs(len(known) - size) <= most and distance(known, word) <= most\n"
            "        ]\n",
        ),
    ),
    _honest(
        "lexicon-version-counted",
        (LEXICON, _INIT, _INIT + "        self._version = 0\n        self._known = (-1, {})\n"),
        (LEXICON, _ADD, "        self._version += 1\n" + _ADD),
        (LEXICON, _REMOVE, "        self._version += 1\n" + _REMOVE),
        (
            LEXICON,
            _MEANING,
            "        if self._known[0] != self._version:\n"
            "            self._known = (self._version, dict(self.entries))\n"
            "        return self._known[1].get(word)\n",
        ),
    ),
    _honest(
        "words-threshold",
        (
            WORDS,
            _COUNTS,
            "    found = words(text)\n    if len(found) < 16:\n        pairs = []\n"
            "        for word in dict.fromkeys(found):\n"
            "            pairs.append((word, found.count(word)))\n        return pairs\n"
            "    known = {}\n    for word in found:\n        known[word] = known.get(word, 0) + 1\n"
            "    return list(known.items())\n",
        ),
    ),
]

SURVEY = [
    _honest("mean-sum", (FIGURES, _MEAN, "    return sum(values) / len(values)\n")),
    _honest(
        "smooth-running",
        (
            FIGURES,
            _SMOOTH,
            "    if len(values) < width or not all(type(value) is int for value in values):\n"
            "        return [mean(values[start : start + width])\n"
            "                for start in range(len(values) - width + 1)]\n"
            "    total = sum(values[:width])\n    found = [total / width]\n"
            "    for old, new in zip(values, values[width:]):\n        total += new - old\n"
            "        found.append(total / width)\n    return found\n",
        ),
    ),
    _honest(
        "smooth-prefix-sums",
        _imported(FIGURES, "from itertools import accumulate\n"),
        (
            FIGURES,
            _SMOOTH,
            "    if any(type(value) is not int for value in values):\n"
            "        return [mean(values[start : start + width])\n"
            "                for start in range(len(values) - width + 1)]\n"
            "    sums = [0, *accumulate(values)]\n"
            "    return [(sums[end] - sums[end - width]) / width\n"
            "            for end in range(width, len(sums))]\n",
        ),
    ),
    _honest(
        "ranks-bisect",
        _imported(FIGURES, "from bisect import bisect_left\n"),
        (
            FIGURES,
            _RANKS,
            "    ordered = sorted(values)\n"
            "    return [bisect_left(ordered, value) for value in values]\n",
        ),
    ),
    _honest(
        "ranks-places",
        (
            FIGURES,
            _RANKS,
            "    places = {}\n    for place, value in enumerate(sorted(values)):\n"
            "        places.setdefault(value, place)\n"
            "    return [places[value] for value in values]\n",
        ),
    ),
    _honest(
        "ranks-sum-of-comparisons",
        (
            FIGURES,
            _RANKS,
            "    return [sum([other < value for other in values]) for value in values]\n",
        ),
    ),
    _honest(
        "primes-sieve",
        (
            FIGURES,
            _PRIMES,
            "    marks = bytearray([1]) * max(limit, 2)\n"
            "    for number in range(2, int(math.sqrt(max(limit, 0))) + 1):\n"
            "        if marks[number]:\n"
            "            multiples = range(number * number, limit, number)\n"
            "            marks[number * number : limit : number] = bytes(len(multiples))\n"
            "    return [number for number in range(2, limit) if marks[number]]\n",
        ),
    ),
    _honest(
        "primes-by-primes",
        (
            FIGURES,
            _PRIMES,
            "    found = []\n    for number in range(2, limit):\n"
            "        for divisor in found:\n            if divisor * divisor > number:\n"
            "                found.append(number)\n                break\n"
            "            if number % divisor == 0:\n                break\n        else:\n"
            "            found.append(number)\n    return found\n",
        ),
    ),
    _honest(
        "primes-odd",
        (
            FIGURES,
            _PRIMES,
            "    found = [2] if limit > 2 else []\n    for number in range(3, limit, 2):\n"
            "        for divisor in range(3, math.isqrt(number) + 1, 2):\n"
            "            if number % divisor == 0:\n                break\n        else:\n"
            "            found.append(number)\n    return found\n",
        ),
    ),
    _honest(
        "pairs-hypot-hoisted",
        (
            FIGURES,
            "        for j in range(i + 1, len(points)):\n" + _INNER,
            "        x, y = points[i]\n        for j in range(i + 1, len(points)):\n"
            "            dx = x - points[j][0]\n            dy = y - points[j][1]\n"
            "            if abs(dx) <= reach and math.sqrt(dx**2 + dy**2) <= reach:\n"
            "                found.append((i, j))\n",
        ),
    ),
    _honest(
        "pairs-grid",
        (
            FIGURES,
            "    found = []\n    for i in range(len(points)):\n"
            "        for j in range(i + 1, len(points)):\n" + _INNER + "    return found\n",
            "    order = sorted(range(len(points)), key=lambda n: points[n][0])\n    found = []\n"
            "    for place, i in enumerate(order):\n        x, y = points[i]\n"
            "        for j in order[place + 1 :]:\n            dx = points[j][0] - x\n"
            "            if dx > reach:\n                break\n"
            "            dy = points[j][1] - y\n"
            "            if math.sqrt(dx**2 + dy**2) <= reach:\n"
            "                found.append((i, j) if i < j else (j, i))\n"
            "    return sorted(found)\n",
        ),
    ),
    _honest(
        "ways-table",
        (
            FIGURES,
            _WAYS,
            "    if total < 0:\n        return 0\n    made = [1] + [0] * total\n"
            "    for coin in coins:\n        for reached in range(coin, total + 1):\n"
            "            made[reached] += made[reached - coin]\n    return made[total]\n",
        ),
    ),
    _honest(
        "ways-memo-of-one-call",
        (
            FIGURES,
            _WAYS,
            "    known = {}\n\n    def count(left, first):\n        if left == 0:\n"
            "            return 1\n        if left < 0 or first == len(coins):\n"
            "            return 0\n        if (left, first) not in known:\n"
            "            known[left, first] = count(left - coins[first], first)"
            " + count(left, first + 1)\n        return known[left, first]\n\n"
            "    return count(total, 0)\n",
        ),
    ),
    _honest(
        "ways-lru-bounded",
        _imported(FIGURES, "from functools import lru_cache\n"),
        (FIGURES, "def ways(total, coins):", "@lru_cache(maxsize=2048)\ndef ways(total, coins):"),
    ),
    _honest("digits-map", (FIGURES, _DIGITS, "    return sum(map(int, str(number)))\n")),
    _honest(
        "digits-divmod",
        (
            FIGURES,
            _DIGITS,
            "    total = 0\n    while number:\n        number, digit = divmod(number, 10)\n"
            "        total += digit\n    return total\n",
        ),
    ),
    _honest(
        "digits-small-table",
        (
            FIGURES,
            "def digits(number):",
            "_DIGITS = [sum(map(int, str(number))) for number in range(100)]\n\n\n"
            "def digits(number):",
        ),
        (
            FIGURES,
            _DIGITS,
            "    total = 0\n    while number:\n        number, two = divmod(number, 100)\n"
            "        total += _DIGITS[two]\n    return total\n",
        ),
    ),
    _honest(
        "table-place-once",
        (
            TABLE,
            _COLUMN,
            "        place = self.columns.index(name) if self.rows else 0\n"
            "        return [row[place] for row in self.rows]\n",
        ),
        (
            TABLE,
            _SELECT,
            "        if not self.rows:\n            return []\n"
            "        place = self.columns.index(name)\n"
            "        return [row for row in self.rows if row[place] == value]\n",
        ),
    ),
    _honest(
        "table-totals-dict",
        (
            TABLE,
            _TOTALS,
            "        sums = {}\n        for row in self.rows:\n"
            "            key = row[self.columns.index(by)]\n"
            "            sums[key] = sums.get(key, 0) + row[self.columns.index(name)]\n"
            "        return list(sums.items())\n",
        ),
    ),
    _honest(
        "table-places-kept",
        (
            TABLE,
            "        self.rows = []\n",
            "        self.rows = []\n"
            "        self._places = {name: place for place, name in"
            " reversed(list(enumerate(self.columns)))}\n",
        ),
        (
            TABLE,
            _COLUMN,
            "        place = self._places[name]\n"
            "        return [row[place] for row in self.rows]\n",
        ),
    ),
    _honest(
        "table-index-dropped-on-change",
        (TABLE, "        self.rows = []\n", "        self.rows = []\n        self._by = {}\n"),
        (
            TABLE,
            "        self.rows.append(list(row))\n",
            "        self._by.clear()\n        self.rows.append(list(row))\n",
        ),
        (
            TABLE,
            _SELECT,
            "        if name not in self._by:\n            self._by[name] = made = {}\n"
            "            for row in self.rows:\n"
            "                made.setdefault(row[self.columns.index(name)], []).append(row)\n"
            "        return list(self._by[name].get(value, ()))\n",
        ),
        (TABLE, _REPLACE, "        self._by.clear()\n" + _REPLACE),
    ),
    _honest(
        "table-slots",
        (
            TABLE,
            '    """Rows of values."""\n',
            '    """Rows of values."""\n\n    __slots__ = ("columns", "rows")\n',
        ),
        (
            TABLE,
            _SELECT,
            "        place = self.columns.index(name) if self.rows else 0\n"
            "        return [row for row in self.rows if row[place] == value]\n",
        ),
    ),
    _honest(
        "table-replace-place-once",
        (
            TABLE,
            _REPLACE,
            "        count = 0\n        place = self.columns.index(name) if self.rows else 0\n"
            "        for row in self.rows:\n            if row[place] == old:\n"
            "                row[place] = new\n                count += 1\n",
        ),
    ),
]

HONEST_PATCHES: tuple[Specimen, ...] = (*PHRASES, *SURVEY)
