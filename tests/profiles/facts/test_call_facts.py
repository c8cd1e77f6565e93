"""Calls are looked into while a workload runs; real processes throughout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from perfagent.profiles.facts.call_facts import record_facts
from perfagent.profiles.facts.facts import CallFacts
from perfagent.profiles.facts.facts_text import facts_text
from perfagent.workloads.launch import LaunchPlan, launch

from ..conftest import Bench
from ..watched import EVENTS, STAND_INS, hotspots, record, seen, target

Seen = Callable[..., dict[str, CallFacts]]


@pytest.fixture(params=[STAND_INS, EVENTS])
def watch(request: pytest.FixtureRequest, bench: Bench) -> Seen:
    """Look into calls, on a Python that tells of them and on one that does not."""

    def watching(library: str, workload: str, *functions: str) -> dict[str, CallFacts]:
        return seen(bench, library, workload, *functions, version=request.param)

    return watching


def test_every_call_is_counted_and_repeats_are_told_from_new_arguments(watch: Seen) -> None:
    found = watch(
        """
        def price(code, *, factor=1):
            return code * factor

        class Shop:
            def __init__(self, rate):
                self.rate = rate

            def price(self, code):
                return self.rate * code

            @property
            def double(self):
                return 2 * self.rate

            @classmethod
            def of(cls, rate):
                return cls(rate)

            @staticmethod
            def code(name):
                return name.upper()
        """,
        """
        import lib

        def workload():
            for number in range(300):
                lib.price(number % 7)
            lib.price(0, factor=2)
            lib.price(code=0, factor=1)
            shops = [lib.Shop.of(rate) for rate in range(4)]
            for shop in shops:
                for code in (1, 2, 2, 2):
                    shop.price(code)
                shop.double
            for number in range(10):
                lib.Shop.code("ab"[number % 2])
                lib.Shop(number)
        """,
    )
    price = found["price"]
    assert (price.calls, price.looked_at, price.distinct) == (302, 302, 8)
    assert price.distinct_is_exact
    assert price.repeat_share == pytest.approx(1 - 8 / 302)
    assert [each.name for each in price.parameters] == ["code", "factor"]
    assert price.parameters[0].only_type() == "int"
    assert price.returns is not None
    assert price.returns.only_type() == "int"
    method = found["Shop.price"]
    assert (method.calls, method.distinct) == (16, 8)  # another object is another argument
    assert method.receiver is not None
    assert method.receiver.only_type() == "lib.Shop"
    assert (found["Shop.double"].calls, found["Shop.double"].distinct) == (4, 4)
    assert (found["Shop.of"].calls, found["Shop.of"].distinct) == (4, 4)
    assert (found["Shop.code"].calls, found["Shop.code"].distinct) == (10, 2)
    assert found["Shop.code"].receiver is None
    assert found["Shop.__init__"].calls == 14
    assert found["Shop.__init__"].distinct == 14  # an address that is used again is no repeat


def test_setup_and_import_are_not_counted(watch: Seen) -> None:
    found = watch(
        "def work(n):\n    return n\n\nwork(1)\n",
        """
        import lib

        lib.work(2)

        def setup():
            lib.work(3)

        def workload():
            lib.work(4)
        """,
    )
    assert found["work"].calls == 1


def test_what_a_call_writes_is_seen_and_what_only_reads_is_not_accused(watch: Seen) -> None:
    found = watch(
        """
        import subprocess

        KNOWN = {}
        LIMITS = [1, 2, 3]
        total = 0

        def remember(number):
            if number not in KNOWN:
                KNOWN[number] = number
            return KNOWN[number]

        def add(number):
            global total
            total += number

        def look(number):
            return LIMITS[number % 3] + len(KNOWN) + total

        def empty(rows):
            rows.clear()

        def change(table):
            table["deep"][0] += 1

        def total_of(rows):
            return sum(rows)

        def read(path):
            with open(path) as stream:
                return stream.read()

        class Orders:
            __slots__ = ("rows", "last")

            def __init__(self):
                self.rows = []

            def put(self, row):
                self.rows.append(row)
                self.last = row

            def size(self):
                return len(self.rows)

        def rename(order):
            order.last = "renamed"
        """,
        """
        import lib

        def workload():
            orders = lib.Orders()
            for number in range(5):
                lib.remember(number)
                lib.add(number)
                lib.look(number)
                lib.empty([1, 2])
                lib.change({"deep": [number]})
                lib.total_of([1, 2])
                lib.total_of({"a": 1}.values())
                orders.put(number)
                orders.size()
                lib.rename(orders)
            lib.read(lib.__file__)
        """,
    )
    assert found["remember"].written_globals == ("KNOWN",)
    assert found["add"].written_globals == ("total",)
    assert found["empty"].parameters[0].changed_share == 1.0
    assert found["change"].parameters[0].changed_share == 1.0
    assert found["Orders.put"].written_attributes == ("Orders.last", "Orders.rows")
    assert found["rename"].written_attributes == ("Orders.last",)
    assert found["read"].does_io
    writers = {name for name, facts in found.items() if not facts.no_writes_seen()}
    assert writers == {
        *("remember", "add", "empty", "change", "read", "rename"),
        *("Orders.__init__", "Orders.put"),
    }


def test_exceptions_pass_and_are_named(watch: Seen) -> None:
    found = watch(
        """
        class Refused(Exception):
            pass

        def check(number):
            if number % 3 == 0:
                raise Refused(number)
            return 1 // (number % 4)
        """,
        """
        import lib

        def workload():
            seen = []
            for number in range(12):
                try:
                    seen.append(lib.check(number))
                except (lib.Refused, ZeroDivisionError) as error:
                    seen.append(type(error).__name__)
            assert seen.count("Refused") == 4 and seen.count("ZeroDivisionError") == 2, seen
        """,
        "check",
    )
    assert found["check"].raised == (("lib.Refused", 4), ("ZeroDivisionError", 2))
    assert found["check"].calls == 12


def test_recursion_is_measured_by_its_outermost_call(watch: Seen) -> None:
    found = watch(
        """
        import time

        def down(level):
            if level:
                return 1 + down(level - 1)
            time.sleep(0.05)
            return 0

        def endless(level):
            return endless(level + 1)
        """,
        """
        import lib

        def workload():
            assert lib.down(40) == 40
            assert lib.down(850) == 850
            try:
                lib.endless(0)
            except RecursionError:
                return
            raise AssertionError("it ended")
        """,
    )
    down = found["down"]
    assert (down.calls, down.depth) == (892, 851)
    assert down.seconds_per_call is not None
    assert down.seconds_per_call >= 0.05
    assert found["endless"].calls > 900


GENERATORS = """
import asyncio


def upto(count):
    for number in range(count):
        yield number


def talk():
    said = []
    try:
        while True:
            said.append((yield len(said)))
    except KeyError:
        yield "thrown"
    finally:
        CLOSED.append(said)


CLOSED = []


def walk(tree):
    for part in tree:
        if isinstance(part, list):
            yield from walk(part)
        else:
            yield part


async def fetch(number):
    await asyncio.sleep(0)
    return number * 2


async def every(count):
    for number in range(count):
        yield await fetch(number)
"""


def test_generators_and_coroutines_work_as_without_a_look(watch: Seen) -> None:
    found = watch(
        GENERATORS,
        """
        import asyncio
        import inspect

        import lib

        async def main():
            doubled = [number async for number in lib.every(3)]
            return doubled + list(await asyncio.gather(lib.fetch(5), lib.fetch(6)))

        def workload():
            assert list(lib.upto(3)) == [0, 1, 2]
            assert next(lib.upto(3)) == 0
            talk = lib.talk()
            assert (next(talk), talk.send("a"), talk.throw(KeyError)) == (0, 1, "thrown")
            talk.close()
            assert lib.CLOSED == [["a"]]
            assert list(lib.walk([1, [2, [3]], 4])) == [1, 2, 3, 4]
            assert asyncio.run(main()) == [0, 2, 4, 10, 12]
            assert inspect.iscoroutinefunction(lib.fetch)
            assert str(inspect.signature(lib.upto)) == "(count)"
        """,
    )
    counts = {name: (facts.calls, facts.distinct) for name, facts in found.items()}
    assert counts == {"upto": (2, 1), "talk": (1, 1), "walk": (3, 3)} | {
        "fetch": (5, 5),
        "every": (1, 1),
    }


def test_what_objects_say_of_themselves_is_not_asked(watch: Seen) -> None:
    found = watch(
        """
        class Broken:
            asked = []

            def __init__(self, number):
                self.number = number

            def __hash__(self):
                self.asked.append("hash")
                raise ValueError

            def __len__(self):
                self.asked.append("len")
                raise ValueError

            def __eq__(self, other):
                self.asked.append("eq")
                raise ValueError

            def __iter__(self):
                self.asked.append("iter")
                raise ValueError

            def __getattribute__(self, name):
                if name != "asked" and name != "number":
                    object.__getattribute__(self, "asked").append(name)
                return object.__getattribute__(self, name)

            def show(self):
                return self.number

        class Rows(list):
            def __len__(self):
                raise ValueError

            def __iter__(self):
                raise ValueError

        class Names(dict):
            def __getitem__(self, name):
                raise ValueError

            keys = values = items = __iter__ = __getitem__

        def use(one, *others, **named):
            return None
        """,
        """
        import lib

        def workload():
            broken = [lib.Broken(number) for number in (1, 1, 2)]
            del lib.Broken.asked[:]
            for one in broken:
                lib.use(one, [one], (one,), {1: one}, {"a": lib.Rows([one])}, more=lib.Names(a=1))
                one.show()
            asked = [name for name in lib.Broken.asked if name != "show"]
            assert asked == [], asked
        """,
        "use",
        "Broken.show",
    )
    use = found["use"]
    assert (use.calls, use.looked_at) == (3, 3)
    assert use.parameters[0].only_type() == "lib.Broken"
    assert use.parameters[0].size is None
    assert use.distinct == 2  # told by what they hold, as their hash cannot be had
    assert use.no_writes_seen()
    assert found["Broken.show"].calls == 3


def test_arguments_that_nothing_tells_apart_are_not_called_repeats(watch: Seen) -> None:
    found = watch(
        """
        class Opaque:
            __slots__ = ()
            __hash__ = None

        def take(thing):
            return None

        def keep(thing, number):
            return None
        """,
        """
        import lib

        def workload():
            for number in range(60):
                lib.take(lib.Opaque())
                lib.keep(iter([]), number)
                lib.keep([number % 2], [[1.5], {"a": b"x"}, {1, 2}])
        """,
    )
    assert found["take"].distinct is None
    assert found["take"].repeat_share is None
    assert not found["take"].parameters[0].hashable
    assert found["keep"].distinct is None


def test_time_is_seen_to_grow_with_the_size_of_the_argument(watch: Seen) -> None:
    found = watch(
        """
        def once(rows):
            total = 0
            for row in rows:
                total += row * row % 7
            return total

        def pairs(rows):
            total = 0
            for row in rows:
                for other in rows:
                    total += row < other
            return total
        """,
        """
        import lib

        def workload():
            for power in range(5):
                for _ in range(5):
                    lib.once(list(range(256 * 2 ** power)))
                    lib.pairs(list(range(24 * 2 ** power)))
        """,
    )
    once, pairs = found["once"].growth, found["pairs"].growth
    assert once is not None
    assert pairs is not None
    assert (once.parameter, once.sizes, once.smallest, once.largest) == ("rows", 5, 256, 4096)
    assert 0.6 <= once.exponent <= 1.4
    assert 1.5 <= pairs.exponent <= 2.5
    assert once.ci_low <= once.exponent <= once.ci_high
    rows = found["once"].parameters[0]
    assert rows.element_types == (("int", 1.0),)
    assert rows.size is not None
    assert (rows.size.smallest, rows.size.median, rows.size.largest) == (256, 1024, 4096)


def test_threads_do_not_look_like_recursion(watch: Seen) -> None:
    found = watch(
        """
        import time

        def wait(number):
            time.sleep(0.01)
            return number
        """,
        """
        import threading

        import lib

        def workload():
            threads = [threading.Thread(target=lib.wait, args=(n,)) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        """,
    )
    assert (found["wait"].calls, found["wait"].distinct, found["wait"].depth) == (8, 8, 1)


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"])
def test_every_python_shows_the_same(bench: Bench, version: str) -> None:
    found = seen(
        bench,
        """
        import functools

        LOG = []

        def traced(function):
            @functools.wraps(function)
            def inner(*args, **named):
                return function(*args, **named)
            return inner

        @traced
        @functools.lru_cache(maxsize=None)
        def cached(number):
            return number + 1

        @traced
        def log(text, times=2, *rest, end="", **more):
            LOG.append(text * times)
            return text

        class Point:
            def __init__(self, x):
                self.x = x

            @functools.cached_property
            def far(self):
                return self.x * 2

            def __len__(self):
                return self.x

            def __add__(self, other):
                return Point(self.x + other.x)

        class Named(Point):
            def __init__(self, x, name):
                super().__init__(x)
                self.name = name
        """,
        """
        import lib

        def workload():
            for number in range(20):
                lib.cached(number % 5)
                lib.log("x", 3 if number % 2 else 2)
            lib.log("y", 2, 1, 2, end="z", key=[])
            one, other = lib.Point(1), lib.Point(2)
            for _ in range(3):
                one + other
                len(one)
                one.far
            assert lib.Named(3, "three").far == 6
        """,
        "Named.__init__",
        *("cached", "log", "Point.far", "Point.__len__", "Point.__add__"),
        version=version,
    )
    assert {name: (facts.calls, facts.distinct) for name, facts in found.items()} == {
        "cached": (5, 5),  # what the cache answers is no call
        "log": (21, 3),
        "Point.far": (2, 2),
        "Point.__len__": (3, 1),
        "Point.__add__": (3, 1),
        "Named.__init__": (1, 1),
    }
    log = found["log"]
    assert [each.name for each in log.parameters] == ["text", "times", "rest", "end", "more"]
    assert log.parameters[1].types == (("int", 1.0),)
    assert log.written_globals == ("LOG",)
    assert log.parameters[2].size is not None
    assert log.parameters[2].size.largest == 2
    assert not log.parameters[4].hashable
    assert found["Point.far"].written_attributes == ()
    assert found["cached"].seconds_per_call is not None


def test_a_nested_function_is_looked_into_where_the_interpreter_tells_of_it(bench: Bench) -> None:
    library = "def outer(n):\n    def inner(k):\n        return k + n\n    return inner(1)\n"
    workload = "import lib\ndef workload():\n    for n in range(6): lib.outer(n)\n"
    nested = "outer.<locals>.inner"
    below = seen(bench, library, workload, version=STAND_INS)[nested]
    assert below.calls == 0
    assert below.note == "nested functions are not looked into on this Python"
    assert seen(bench, library, workload, version=EVENTS)[nested].calls == 6


def test_a_script_without_functions_and_a_function_can_be_looked_into(bench: Bench) -> None:
    workload = "import lib\nfor number in range(9):\n    lib.work(number)\n"
    for version in (STAND_INS, EVENTS):
        found = seen(bench, "def work(n):\n    return n\n", workload, version=version)
        assert found["work"].calls == 9
    spots = hotspots(bench)
    (bench.tree / "job.py").write_text("from lib import work\ndef run():\n    return work(1)\n")
    (facts,) = record_facts(bench.target("python:job:run"), bench.tree, spots).facts
    assert facts.calls == 1


def test_a_test_is_looked_into_and_its_fixtures_are_not(bench: Bench) -> None:
    (bench.tree / "lib.py").write_text("def work(n):\n    return n\n")
    (bench.tree / "test_lib.py").write_text(
        "import pytest\nfrom lib import work\n\n"
        "@pytest.fixture\ndef one():\n    return work(1)\n\n"
        "def test_work(one):\n    assert [work(n) for n in (1, 2, 2)]\n"
    )
    made = bench.target("pytest:test_lib.py::test_work")
    (facts,) = record_facts(made, bench.tree, hotspots(bench)).facts
    assert (facts.calls, facts.distinct) == (3, 2)


def test_what_cannot_be_looked_into_is_a_reason_and_no_error(bench: Bench) -> None:
    library = "def work(n):\n    return n\n"
    found = record(bench, library, "import lib\ndef workload():\n    1 / lib.work(0)\n")
    assert found.facts == ()
    assert "ZeroDivisionError" in found.notes[0]
    command = bench.target("cmd:true")
    assert record_facts(command, bench.tree, hotspots(bench)).notes == (
        "calls of a command are not looked into",
    )
    assert record_facts(bench.target("cmd:true"), bench.tree, []).facts == ()
    other = seen(bench, library, "def workload():\n    pass\n", version=EVENTS)["work"]
    assert (other.calls, other.note) == (0, "not called in the process that runs the workload")


@pytest.mark.parametrize("version", [STAND_INS, EVENTS])
def test_what_is_called_after_nobody_watches_any_more_is_not_said_to_be_not_called(
    bench: Bench, version: str
) -> None:
    library = "def early(n):\n    return sum(range(n))\n\ndef late(n):\n    return n\n"
    workload = """
        import lib

        def workload():
            for n in range(3000):
                lib.early(n)
            lib.late(1)
    """
    made = target(bench, library, workload, version)
    found = record_facts(made, bench.tree, hotspots(bench), usual_s=0.005)
    early, late = found.facts
    assert 0 < early.calls < 3000
    assert facts_text(late) == (
        "no call seen (watched until it had slowed the workload down enough)"
    )


def test_a_report_that_makes_no_sense_is_a_note(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = target(bench, "def work(n):\n    pass\n", "def workload():\n    pass\n", STAND_INS)
    spots = hotspots(bench)
    done = launch(made, bench.tree, LaunchPlan(pinned=False))
    answers = [None, {"parts": {"calls": {"functions": [{}], "problem": None}}}]
    for answer in answers:
        monkeypatch.setattr(
            "perfagent.profiles.facts.call_facts.launch",
            lambda *_, given=answer: replace(done, answer=given),
        )
        found = record_facts(made, bench.tree, spots)
        assert found.facts == ()
        assert "makes no sense" in found.notes[0]


@pytest.mark.parametrize("version", [STAND_INS, EVENTS])
def test_many_distinct_arguments_do_not_fill_the_memory(bench: Bench, version: str) -> None:
    library = "def work(n):\n    total = 0\n    for i in range(150): total += i\n    return n\n"
    workload = "import lib\ndef workload():\n    for n in range(100_000): lib.work(n)\n"
    made = target(bench, library, workload, version)
    plain = launch(made, bench.tree, LaunchPlan(pinned=False)).peak_rss_bytes
    peaks: list[int | None] = []

    def watched_launch(*arguments: object) -> object:
        done = launch(*arguments)  # pyright: ignore[reportArgumentType]
        peaks.append(done.peak_rss_bytes)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("perfagent.profiles.facts.call_facts.launch", watched_launch)
        (facts,) = record_facts(made, bench.tree, hotspots(bench)).facts
    assert facts.calls == 100_000
    assert facts.distinct is not None
    assert facts.distinct >= 90_000
    assert plain is not None
    assert peaks[0] is not None
    assert peaks[0] - plain <= 30_000_000


@pytest.mark.timing
@pytest.mark.parametrize("version", [STAND_INS, EVENTS])
def test_a_million_calls_are_counted_at_a_third_of_the_pace_or_better(
    bench: Bench, version: str
) -> None:
    made = target(
        bench,
        "def work(n):\n    total = 0\n    for i in range(9): total += i * n\n    return total\n",
        "import lib\ndef workload():\n    for n in range(1_000_000): lib.work(n % 214)\n",
        version,
    )
    plain = [launch(made, bench.tree, LaunchPlan()).cold_cpu_s for _ in range(3)]
    watched: list[float | None] = []

    def watched_launch(*arguments: object) -> object:
        done = launch(*arguments)  # pyright: ignore[reportArgumentType]
        watched.append(done.cold_cpu_s)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("perfagent.profiles.facts.call_facts.launch", watched_launch)
        (facts,) = record_facts(made, bench.tree, hotspots(bench)).facts
    assert watched[0] is not None
    assert watched[0] <= 3 * min(seconds for seconds in plain if seconds)
    assert facts.calls == 1_000_000
    assert facts.looked_at < facts.calls
    assert facts.distinct is not None
    assert facts.distinct == pytest.approx(214, rel=0.1)
    assert facts.repeat_share is not None
    assert facts.repeat_share > 0.99
