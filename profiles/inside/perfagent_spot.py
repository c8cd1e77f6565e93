"""What is known of one watched function: its calls, and what came of those that were looked into.

Memory is bounded whatever the workload does: every table here stops growing, or keeps an even part
of what comes. CPython 3.8 and later, standard library alone.
"""

import dis
import sys

MOST_KEYS = 50000
"""Numbers of distinct arguments kept; beyond, those of a random half, of a quarter, and so on."""
MOST_TIMES = 1000
MOST_SIZES = 500
TIMES_OF_A_SIZE = 7
MOST_KINDS = 50
MOST_NAMES = 20
LONGEST_STRIDE = 4096

GENERATOR, COROUTINE, ASYNC_GENERATOR = 0x20, 0x80 | 0x100, 0x200
_VARIABLE_ARGUMENTS, _VARIABLE_KEYWORDS = 0x04, 0x08
_SHOWN = 5
_BLOCKS_AT_FIRST = 8
_MULTIPLIER, _INCREMENT, _MODULUS = 1103515245, 12345, 2**31

number_of = object.__hash__

MISSING = object()
"""Stands for an argument that has no value."""


class Seen:
    """What was seen of one parameter, of the receiver, or of what is returned."""

    __slots__ = (
        "changed",
        "compared",
        "elements",
        "kinds",
        "largest",
        "name",
        "sizes",
        "smallest",
        "unhashable",
    )

    def __init__(self, name):
        self.name = name
        self.kinds = {}
        self.elements = {}
        self.sizes = {}
        self.smallest = self.largest = None
        self.unhashable = self.compared = self.changed = 0

    def note(self, kind, value):
        """Take note of a value and return its size, None when it has none."""
        kinds, name = self.kinds, kind.name
        if name in kinds:
            kinds[name] += 1
        elif len(kinds) < MOST_KINDS:
            kinds[name] = 1
        if kind.size is None:
            return None
        size = kind.size(value)
        if size is None:
            return None
        if self.smallest is None:
            self.smallest = self.largest = size
        elif size < self.smallest:
            self.smallest = size
        elif size > self.largest:
            self.largest = size
        known = self.sizes.get(size)
        if known is not None:
            known[0] += 1
        elif len(self.sizes) < MOST_SIZES:
            self.sizes[size] = [1]
        if size and kind.element is not None:
            element = kind.element(value)
            if element is not None:
                _count(self.elements, element)
        return size

    def note_time(self, size, seconds):
        """Take note of how long a call took in which it had this size."""
        known = self.sizes.get(size)
        if known is not None and len(known) <= TIMES_OF_A_SIZE:
            known.append(seconds)

    def report(self):
        """Return what was seen as plain JSON."""
        sizes = sorted(self.sizes)
        return {
            "name": self.name,
            "types": _most(self.kinds),
            "elements": _most(self.elements),
            "size": None
            if self.smallest is None
            else [self.smallest, self._median_size(sizes), self.largest],
            "hashable": not self.unhashable,
            "compared": self.compared,
            "changed": self.changed,
            "times": [
                [size, middle(self.sizes[size][1:])] for size in sizes if self.sizes[size][1:]
            ],
        }

    def _median_size(self, sizes):
        left = sum(self.sizes[size][0] for size in sizes) / 2
        for size in sizes:
            left -= self.sizes[size][0]
            if left <= 0:
                return size
        return self.smallest


class Record:
    """A call that is under way and is being looked into."""

    __slots__ = (
        "blocks",
        "is_outermost",
        "looks",
        "number",
        "others_s",
        "seconds",
        "shared",
        "sizes",
        "started",
        "watched",
    )

    def __init__(self):
        self.sizes = []
        self.watched = []
        self.shared = []
        self.blocks = None
        self.is_outermost = True
        self.seconds = 0.0
        self.started = None
        self.others_s = 0.0
        self.looks = self.number = 0


class Spot:
    """One watched function.

    Args:
        wanted: `files` (how its file may be called), `line` (where it starts, decorators
            included), `function` (its qualified name), `has_receiver`.
        values: Tells values apart.
    """

    def __init__(self, wanted, values):
        self.files = frozenset(wanted["files"])
        self.line = wanted["line"]
        self.function = wanted["function"]
        self.name = wanted["function"].rpartition(".")[2]
        self.has_receiver = wanted["has_receiver"]
        self.values = values
        self.codes = []
        self._numbers = set()
        self.flags = 0
        self.names = ()
        self.notes = []
        self.calls = self.looked = 0
        self.is_counted = True
        self.next, self.stride, self._chance = 1, 1, self.line
        self.accounted, self.extra, self.unit_s = 0, 0, 0.0
        self.looked_s = self.counted_s = 0.0
        self.mode = None
        self.running = {}
        self.depth = 1
        self.seen = []
        self.returned = Seen("return")
        self.times, self._times_stride, self._timed = [], 1, 0
        self.keys, self.mask, self.told = {}, 0, 0
        self.blocks, self.blocks_of = 0, 0
        self.raised = {}
        self.does_io = False
        self.written_globals, self.written_attributes = {}, {}
        self._stored, self._loaded, self._shared = (), (), ()
        self.rest_of_positional = self.rest_of_keywords = None

    def is_of(self, code):
        """Tell whether code is this function's."""
        return (
            code.co_firstlineno == self.line
            and code.co_name == self.name
            and code.co_filename in self.files
        )

    def adopt(self, code):
        """Take note of the function's code, the first time that it is met."""
        self.codes.append(code)
        self._numbers.add(number_of(code))
        if len(self.codes) > 1:
            return
        self.flags = code.co_flags
        self.names = _parameters(code)
        self.seen = [Seen(name) for name in self.names]
        named = code.co_argcount + code.co_kwonlyargcount
        if code.co_flags & _VARIABLE_ARGUMENTS:
            self.rest_of_positional = code.co_varnames[named]
            named += 1
        if code.co_flags & _VARIABLE_KEYWORDS:
            self.rest_of_keywords = code.co_varnames[named]
        self._stored, self._loaded = _global_names(code)

    def knows(self, code):
        """Tell whether code is this function's and was met before."""
        return number_of(code) in self._numbers

    @property
    def is_resumed(self):
        """Whether it is a generator or a coroutine, which runs in pieces."""
        return bool(self.flags & (GENERATOR | COROUTINE | ASYNC_GENERATOR))

    def space(self):
        """Choose the next call to look into: one in `stride` on average, by chance."""
        gap = 1
        if self.stride > 1:
            self._chance = (self._chance * _MULTIPLIER + _INCREMENT) % _MODULUS
            gap += (self._chance >> 8) % (2 * self.stride - 1)
        self.next = self.calls + gap

    def note(self, text):
        """Say why less is known than could be."""
        if text not in self.notes:
            self.notes.append(text)

    # -- one call ----------------------------------------------------------------------------------

    def begin(self, arguments, module_globals, depth):
        """Look at the arguments of a call that begins and return its record.

        Args:
            arguments: In the order of `names`, MISSING for what has no value.
            module_globals: The globals that its code sees.
            depth: How many calls of it are under way in this thread, this one included.
        """
        self.looked += 1
        self.depth = max(self.depth, depth)
        record = Record()
        record.is_outermost = depth == 1
        keys = [self._look(index, value, record) for index, value in enumerate(arguments)]
        if None not in keys:
            self.told += 1
            self._count_key(hash(tuple(keys)))
        if self._stored or self._loaded:
            record.shared = self._marks(module_globals)
        return record

    def wants_blocks(self):
        """Tell whether memory blocks are counted in this call; that takes long in a large heap."""
        return self.looked <= _BLOCKS_AT_FIRST or not self.looked & (self.looked - 1)

    def _look(self, index, value, record):
        seen, values = self.seen[index], self.values
        if value is MISSING:
            record.sizes.append(None)
            return 0
        kind = values.kind(value)
        record.sizes.append(seen.note(kind, value))
        if kind.is_plain:
            seen.compared += 1  # it cannot change
            return kind.key(value)
        if self.has_receiver and not index:
            key, content = values.identity(value), None
            if kind.can_change:
                content = values.tell(value, kind)[0]
            seen.unhashable += not kind.hashable
        else:
            key, is_hashable = values.tell(value, kind)
            content = key if kind.can_change else None
            if seen.name == self.rest_of_keywords:
                is_hashable = all(map(values.is_hashable, list(value.values())))
            seen.unhashable += not is_hashable
        if kind.fields or kind.can_change:
            attributes = values.snapshot(value, kind) if kind.fields else None
            if content is not None or attributes is not None:
                record.watched.append((index, number_of(value), content, attributes))
        return key

    def finish(self, record, arguments, module_globals):
        """Compare what a call may have written, now that it is over.

        Args:
            record: What `begin` returned.
            arguments: As for `begin`; one that is another object now is not compared.
            module_globals: As for `begin`.
        """
        values = self.values
        for index, number, content, attributes in record.watched:
            value = arguments[index]
            if value is MISSING or number_of(value) != number:
                continue
            seen, kind = self.seen[index], values.kind(value)
            after = values.tell(value, kind)[0] if content is not None else None
            changed = after != content
            if attributes is not None:
                changed |= self._note_written(kind, attributes, values.snapshot(value, kind))
            seen.compared += 1
            seen.changed += changed
        for name, mark in record.shared:
            if not _is_same(mark, values.mark(module_globals.get(name, MISSING))):
                _count(self.written_globals, name)

    def _note_written(self, kind, before, after):
        if after is None:
            return True  # it grew beyond what is read
        names = [
            name
            for name in {**before, **after}
            if not _is_same(before.get(name, MISSING), after.get(name, MISSING))
        ]
        for name in names:
            _count(self.written_attributes, "%s.%s" % (kind.short, name))
        return bool(names)

    def note_outcome(self, record, value, is_error):
        """Take note of how long a call took, and of what it returned or raised."""
        if record.is_outermost:
            self._note_time(record)
        kind = self.values.kind(value)
        if not is_error:
            if self.is_resumed:
                return  # its caller got the generator before
            self.returned.note(kind, value)
            if not kind.is_plain:
                self.returned.unhashable += not self.values.is_hashable(value)
        elif not (self.is_resumed and type(value) is GeneratorExit):
            _count(self.raised, kind.name)

    def _note_time(self, record):
        self._timed += 1
        if self._timed % self._times_stride == 0:
            self.times.append(record.seconds)
            if len(self.times) > MOST_TIMES:
                del self.times[::2]
                self._times_stride *= 2
        for index, size in enumerate(record.sizes):
            if size:
                self.seen[index].note_time(size, record.seconds)

    def note_blocks(self, blocks):
        """Take note of how many memory blocks a call left behind."""
        self.blocks += blocks
        self.blocks_of += 1

    # -- tables ------------------------------------------------------------------------------------

    def _count_key(self, key):
        if key & self.mask:
            return
        known = self.keys.get(key, 0)
        if known < 3:
            self.keys[key] = known + 1
        if len(self.keys) > MOST_KEYS:
            self.mask = 2 * self.mask + 1
            mask = self.mask
            self.keys = {key: count for key, count in self.keys.items() if not key & mask}

    def _marks(self, module_globals):
        if not self.looked & (self.looked - 1):
            values, growing = self.values, []
            for name in self._loaded:
                if values.kind(module_globals.get(name)).can_grow:
                    growing.append(name)
            self._shared = self._stored + tuple(growing)
        mark = self.values.mark
        return [(name, mark(module_globals.get(name, MISSING))) for name in self._shared]

    def report(self):
        """Return what was seen as plain JSON."""
        counts = list(self.keys.values())
        return {
            "calls": self.calls,
            "calls_are_exact": self.is_counted,
            "looked_at": self.looked,
            "seconds": middle(self.times) if self.times else None,
            "told": self.told,
            "kept": len(counts),
            "once": counts.count(1),
            "twice": counts.count(2),
            "halvings": self.mask.bit_length(),
            "depth": self.depth,
            "has_receiver": self.has_receiver,
            "parameters": [seen.report() for seen in self.seen],
            "returns": self.returned.report() if self.returned.kinds else None,
            "raised": _most(self.raised),
            "blocks": self.blocks / self.blocks_of if self.blocks_of else None,
            "written_globals": sorted(self.written_globals),
            "written_attributes": sorted(self.written_attributes),
            "does_io": self.does_io,
            "notes": self.notes,
        }


def middle(numbers):
    """Return the median of numbers, the lower one of the two in the middle."""
    return sorted(numbers)[(len(numbers) - 1) // 2]


def _count(table, key):
    known = table.get(key)
    if known is not None:
        table[key] = known + 1
    elif len(table) < MOST_KINDS:
        table[key] = 1


def _most(table):
    return sorted(table.items(), key=lambda item: -item[1])[:_SHOWN]


def _is_same(before, after):
    return before is after or (type(before) is type(after) and before == after)


def _parameters(code):
    """Return the names of a function's parameters, in the order of its signature."""
    positional = code.co_argcount
    named = positional + code.co_kwonlyargcount
    names = list(code.co_varnames[:positional])
    keywords = list(code.co_varnames[positional:named])
    if code.co_flags & _VARIABLE_ARGUMENTS:
        names.append(code.co_varnames[named])
        named += 1
    if code.co_flags & _VARIABLE_KEYWORDS:
        keywords.append(code.co_varnames[named])
    return tuple(names + keywords)


def _global_names(code):
    """Return the globals that code binds, and those that it reads, functions inside it too."""
    stored, loaded, codes = {}, {}, [code]
    while codes:
        each = codes.pop()
        codes += [inner for inner in each.co_consts if type(inner) is type(code)]
        for instruction in dis.get_instructions(each):
            if instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                stored[instruction.argval] = None
            elif instruction.opname == "LOAD_GLOBAL":
                loaded[instruction.argval] = None
    left = [name for name in loaded if name not in stored]
    return tuple(sys.intern(name) for name in list(stored)[:MOST_NAMES]), tuple(left[:MOST_NAMES])
