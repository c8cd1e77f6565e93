"""What is known of one watched function: its calls, and what came of those that were looked into.

CPython 3.8 and later, standard library alone.
"""

import dis
import sys

LONGEST_STRIDE = 4096
_MOST_GLOBALS = 20

GENERATOR, COROUTINE, ASYNC_GENERATOR = 0x20, 0x80 | 0x100, 0x200
_VARIABLE_ARGUMENTS, _VARIABLE_KEYWORDS = 0x04, 0x08
_BLOCKS_AT_FIRST = 8
_MULTIPLIER, _INCREMENT, _MODULUS = 1103515245, 12345, 2**31

number_of = object.__hash__

MISSING = object()
"""Stands for an argument that has no value."""


class Seen:
    """What was seen of one parameter, of the receiver, or of what is returned."""

    def __init__(self, name, tables):
        self.name = name
        self.types = tables.Counts()
        self.elements = tables.Counts()
        self.sizes = tables.Sizes()
        self.unhashable = self.compared = self.changed = 0

    def note(self, kind, value):
        """Take note of a value and return its size, None when it has none."""
        self.types.add(kind.name)
        if kind.size is None:
            return None
        size = kind.size(value)
        if size is None:
            return None
        self.sizes.add(size)
        if size and kind.element is not None:
            element = kind.element(value)
            if element is not None:
                self.elements.add(element)
        return size

    def report(self):
        """Return what was seen as plain JSON."""
        return {
            "name": self.name,
            "types": self.types.most(),
            "elements": self.elements.most(),
            "size": self.sizes.report(),
            "hashable": not self.unhashable,
            "compared": self.compared,
            "changed": self.changed,
            "times": self.sizes.times(),
        }


class Record:
    """A call that is under way and is being looked into."""

    __slots__ = (
        "blocks",
        "depth",
        "looks",
        "number",
        "others_s",
        "seconds",
        "shared",
        "sizes",
        "started",
        "watched",
    )

    def __init__(self, depth):
        self.depth = depth
        self.sizes = []
        self.watched = []
        self.shared = []
        self.blocks = self.started = None
        self.seconds = self.others_s = 0.0
        self.looks = self.number = 0


class Spot:
    """One watched function.

    Args:
        wanted: `files` (how its file may be called), `line` (where it starts, decorators
            included), `function` (its qualified name), `has_receiver`.
        values: Tells values apart (perfagent_values.py).
        tables: perfagent_tables.py.
    """

    def __init__(self, wanted, values, tables):
        self.files = frozenset(wanted["files"])
        self.line = wanted["line"]
        self.function = wanted["function"]
        self.name = wanted["function"].rpartition(".")[2]
        self.has_receiver = wanted["has_receiver"]
        self._values = values
        self._tables = tables
        # Its code, once met.
        self.codes, self._numbers, self.flags = [], set(), 0
        self.names = ()
        self.rest_of_positional = self.rest_of_keywords = None
        self._stored, self._loaded, self._shared = (), (), ()
        # Counting, and what it costs.
        self.calls = self.looked = 0
        self.is_counted = True
        self.next, self.stride, self._chance = 1, 1, self.line
        self.accounted, self.extra, self.unit_s, self.mode = 0, 0, 0.0, None
        self.looked_s = self.counted_s = 0.0
        # What was seen.
        self.running = {}
        self.depth = 1
        self.seen = []
        self.returned = Seen("return", tables)
        self.times, self.keys, self.raised = tables.EvenPart(), tables.Keys(), tables.Counts()
        self._blocks, self._blocks_of = 0, 0
        self.does_io = False
        self._written_globals, self._written_attributes = tables.Counts(), tables.Counts()
        self._notes = []

    # -- its code ----------------------------------------------------------------------------------

    def is_of(self, code):
        """Tell whether code is this function's."""
        return (
            code.co_firstlineno == self.line
            and code.co_name == self.name
            and code.co_filename in self.files
        )

    def knows(self, code):
        """Tell whether code is this function's and was met before."""
        return number_of(code) in self._numbers

    def adopt(self, code):
        """Take note of the function's code when it is met."""
        self.codes.append(code)
        self._numbers.add(number_of(code))
        if len(self.codes) > 1:
            return
        self.flags = code.co_flags
        self.names = _parameters(code)
        self.seen = [Seen(name, self._tables) for name in self.names]
        named = code.co_argcount + code.co_kwonlyargcount
        if code.co_flags & _VARIABLE_ARGUMENTS:
            self.rest_of_positional = code.co_varnames[named]
            named += 1
        if code.co_flags & _VARIABLE_KEYWORDS:
            self.rest_of_keywords = code.co_varnames[named]
        self._stored, self._loaded = _global_names(code)

    @property
    def is_resumed(self):
        """Whether it is a generator or a coroutine, which runs in pieces."""
        return bool(self.flags & (GENERATOR | COROUTINE | ASYNC_GENERATOR))

    # -- its calls ---------------------------------------------------------------------------------

    def space(self):
        """Choose the next call to look into: one in `stride` on average, by chance."""
        gap = 1
        if self.stride > 1:
            self._chance = (self._chance * _MULTIPLIER + _INCREMENT) % _MODULUS
            gap += (self._chance >> 8) % (2 * self.stride - 1)
        self.next = self.calls + gap

    def begin(self, arguments, module_globals, depth):
        """Look at the arguments of a call that begins and return its record.

        Args:
            arguments: In the order of `names`, MISSING for what has no value.
            module_globals: The globals that its code sees.
            depth: How many calls of it are under way in this thread, this one included.
        """
        self.looked += 1
        if depth > self.depth:
            self.depth = depth
        record = Record(depth)
        keys = [self._look(index, value, record) for index, value in enumerate(arguments)]
        if None not in keys:
            self.keys.add(hash(tuple(keys)))
        if self._stored or self._loaded:
            record.shared = self._marks(module_globals)
        return record

    def _look(self, index, value, record):
        """Take note of an argument; return its key, None when it cannot be told apart."""
        seen, values = self.seen[index], self._values
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
        attributes = values.snapshot(value, kind) if kind.fields else None
        if content is not None or attributes is not None:
            record.watched.append((index, number_of(value), content, attributes))
        return key

    def _marks(self, module_globals):
        """Return what the globals hold that the function binds, or that may grow."""
        values = self._values
        if not self.looked & (self.looked - 1):
            kinds = [(name, values.kind(module_globals.get(name))) for name in self._loaded]
            self._shared = self._stored + tuple(name for name, kind in kinds if kind.can_grow)
        return [(name, values.mark(module_globals.get(name, MISSING))) for name in self._shared]

    def compare(self, record, arguments, module_globals):
        """See what a call wrote, now that it is over.

        Args:
            record: What `begin` returned.
            arguments: As for `begin`; one that is another object now is not compared.
            module_globals: As for `begin`.
        """
        values = self._values
        for index, number, content, attributes in record.watched:
            value = arguments[index]
            if value is MISSING or number_of(value) != number:
                continue
            seen, kind = self.seen[index], values.kind(value)
            changed = content is not None and values.tell(value, kind)[0] != content
            if attributes is not None:
                changed |= self._note_written(kind, attributes, values.snapshot(value, kind))
            seen.compared += 1
            seen.changed += changed
        for name, mark in record.shared:
            if not _is_same(mark, values.mark(module_globals.get(name, MISSING))):
                self._written_globals.add(name)

    def _note_written(self, kind, before, after):
        if after is None:
            return True  # it grew beyond what is read
        written = [
            name
            for name in {**before, **after}
            if not _is_same(before.get(name, MISSING), after.get(name, MISSING))
        ]
        for name in written:
            self._written_attributes.add("%s.%s" % (kind.short, name))
        return bool(written)

    def note_outcome(self, record, value, is_error):
        """Take note of how long a call took, and of what it returned or raised."""
        if record.depth == 1:
            self.times.add(record.seconds)
            for index, size in enumerate(record.sizes):
                if size:
                    self.seen[index].sizes.add_time(size, record.seconds)
        kind = self._values.kind(value)
        if not is_error:
            if self.is_resumed:
                return  # its caller got the generator before
            self.returned.note(kind, value)
            if not kind.is_plain:
                self.returned.unhashable += not self._values.is_hashable(value)
        elif not (self.is_resumed and type(value) is GeneratorExit):
            self.raised.add(kind.name)

    def wants_blocks(self):
        """Tell whether memory blocks are counted in this call; that takes long in a large heap."""
        return self.looked <= _BLOCKS_AT_FIRST or not self.looked & (self.looked - 1)

    def note_blocks(self, blocks):
        """Take note of how many memory blocks a call left behind."""
        self._blocks += blocks
        self._blocks_of += 1

    # -- report ------------------------------------------------------------------------------------

    def note(self, text):
        """Say why less is known than could be."""
        if text not in self._notes:
            self._notes.append(text)

    def report(self):
        """Return what was seen as plain JSON."""
        return {
            "calls": self.calls,
            "calls_are_exact": self.is_counted,
            "looked_at": self.looked,
            "seconds": self.times.middle(),
            "keys": self.keys.report(),
            "depth": self.depth,
            "has_receiver": self.has_receiver,
            "parameters": [seen.report() for seen in self.seen],
            "returns": self.returned.report() if self.returned.types.table else None,
            "raised": self.raised.most(),
            "blocks": self._blocks / self._blocks_of if self._blocks_of else None,
            "written_globals": self._written_globals.names(),
            "written_attributes": self._written_attributes.names(),
            "does_io": self.does_io,
            "notes": self._notes,
        }


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
                stored[sys.intern(instruction.argval)] = None
            elif instruction.opname == "LOAD_GLOBAL":
                loaded[sys.intern(instruction.argval)] = None
    read = [name for name in loaded if name not in stored]
    return tuple(stored)[:_MOST_GLOBALS], tuple(read)[:_MOST_GLOBALS]
