"""Each known hole of published tools, as a patch that ends in a rejection with its reason.

A hole is a way in which a criterion such as "the tests pass and the fastest loop is faster" lets a
wrong or worthless patch through: calls left out, caches of the repeated call, slower asynchronous
code, answers compared too loosely.
"""

from __future__ import annotations

import pytest

from perfagent.agent.verdict import Verdict
from perfagent.tests.court import Court, open_court

TIMING = ("quick timing", "full timing")

SUMS = '''"""Sums over orders."""

LOG = []


def price(order):
    """Return the price of one order."""
    total = 0
    for number in range(150):
        total += (order * number) % 7
    return total


def note(order):
    """Write a line about an order."""
    LOG.append(str(price(order)))


def prices(orders):
    """Return the price of each order."""
    return [price(order) for order in orders]


def last_of(orders):
    """Note each order; return the number of the last one."""
    order = None
    for order in orders:
        note(order)
    return order


async def fetched(order):
    """Return the price of one order, as a service would."""
    return price(order)


async def gathered(orders):
    """Return the prices of the orders, asked for one after the other."""
    return [await fetched(order) for order in orders]


async def tried(orders):
    """Count the orders that are served within the time there is: none."""
    served = 0
    for order in orders:
        if price(order) < 0:
            served += 1
    return served


def check(order):
    """Refuse an order that is not for sale."""
    price(order)
    try:
        raise KeyError(order)
    except KeyError as error:
        raise LookupError(f"no order {order}: {error!r}") from None


def discounted(orders):
    """Return the cheapest price; the caller's list stays as it is."""
    return min(price(order) for order in orders)


def squares(count):
    """Return the squares of the numbers below `count`, shifted far up."""
    out = []
    for number in range(count):
        price(number)
        out.append(10_000_000 + number * number)
    return out


def report(orders):
    """Return the prices as text in a file."""
    import io

    text = io.StringIO()
    for order in orders:
        text.write(f"{price(order)}\\n")
    return text


def scale(orders):
    """Return what turns a price into another currency."""
    factor = sum(price(order) for order in orders)
    return lambda value: value * 2 + factor * 0


def rows(count):
    """Return rows that are lists of their own."""
    return [[price(1)] for _ in range(count)]
'''

PRICE = SUMS[SUMS.index("def price") : SUMS.index("def note")]
FAST_PRICE = '''def price(order):
    """Return the price of one order."""
    whole, left = divmod(150, 7)
    cycle = [(order * number) % 7 for number in range(7)]
    return whole * sum(cycle) + sum(cycle[:left])


'''

WORKLOADS = {
    "prices": "return sums.prices(range(60))",
    "many": "return sums.prices(range(2500))",
    "last": "return sums.last_of(range(100))",
    "async": "return asyncio.run(sums.gathered(list(range(2500))))",
    "throughput": "return asyncio.run(sums.tried(range(2500)))",
    "squares": "return sums.squares(100)",
    "report": "return sums.report(range(100))",
    "scale": "return sums.scale(range(100))",
    "rows": "return sums.rows(100)",
    "check": "try:\n        sums.check(5)\n    except Exception as error:\n        return error",
    "discounted": "orders = list(range(100, 0, -1))\n    return sums.discounted(orders), orders",
}


@pytest.fixture(scope="module")
def courts(tmp_path_factory: pytest.TempPathFactory):
    """Return a function that gives the gate for one of the WORKLOADS, each prepared once."""
    opened: dict[str, Court] = {}

    def court(name: str) -> Court:
        if name not in opened:
            opened[name] = open_court(
                tmp_path_factory.mktemp(name),
                {"sums/__init__.py": "", "sums/core.py": SUMS},
                "import asyncio\nfrom sums import core as sums\n\n\n"
                f"def workload():\n    {WORKLOADS[name]}\n",
            )
        return opened[name]

    return court


def changed(*pairs: tuple[str, str]) -> str:
    """Return the module with each text replaced; the texts must be there."""
    text = SUMS
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def judged(court: Court, *pairs: tuple[str, str], without: tuple[str, ...] = ()) -> Verdict:
    return court.judge(without=without, sums__core=changed(*pairs))


def assert_refused(verdict: Verdict, stage: str | tuple[str, ...], *parts: str) -> None:
    stages = (stage,) if isinstance(stage, str) else stage
    assert (verdict.outcome, verdict.stage in stages) == ("rejected", True), verdict
    for part in parts:
        assert part in verdict.reason, verdict.reason


def assert_warm_only(verdict: Verdict) -> None:
    assert_refused(verdict, "first call too", "warm-only: repeated calls are faster", "lines")


# Calls left out


def test_doing_six_of_a_hundred_calls_is_refused_though_the_result_is_the_same(courts):
    """The workload returns the last order's number, whatever was computed on the way."""
    lazy = ("    total = 0\n", "    if order % 17:\n        return 0\n    total = 0\n")
    verdict = judged(courts("last"), lazy, without=TIMING)
    assert_refused(verdict, "same calls", "price")


# Caches of the repeated call


def test_a_cache_keyed_by_content_is_no_speedup(courts):
    cache = (
        "def prices(orders):\n",
        "KNOWN = {}\n\n\ndef prices(orders):\n"
        "    key = tuple(orders)\n"
        "    if key not in KNOWN:\n        KNOWN[key] = counted(key)\n"
        "    return list(KNOWN[key])\n\n\ndef counted(orders):\n",
    )
    assert_warm_only(judged(courts("prices"), cache))


def test_a_cache_in_a_private_helper_is_no_speedup(courts):
    cache = (
        "    return [price(order) for order in orders]\n\n\ndef last_of",
        "    return list(_prices(tuple(orders)))\n\n\n@functools.lru_cache(maxsize=None)\n"
        "def _prices(orders):\n    return tuple(price(order) for order in orders)\n\n\n"
        "def last_of",
    )
    imported = ("LOG = []\n", "import functools\n\nLOG = []\n")
    assert_warm_only(judged(courts("prices"), imported, cache))


def test_a_decorated_cache_of_the_repeated_call_is_no_speedup(courts):
    cache = ("def price(order):\n", "@functools.lru_cache(maxsize=None)\ndef price(order):\n")
    imported = ("LOG = []\n", "import functools\n\nLOG = []\n")
    assert_warm_only(judged(courts("prices"), imported, cache))


def test_a_table_of_answers_filled_at_import_is_no_speedup(courts):
    table = (
        "def note(order):\n",
        "TABLE = {order: price(order) for order in range(60)}\n\n\ndef note(order):\n",
    )
    used = ("[price(order) for order in orders]", "[TABLE[order] for order in orders]")
    assert_refused(judged(courts("prices"), table, used), "first call too", "work moved to import")


# Asynchronous code


def test_asynchronous_code_that_sleeps_is_slower_not_faster(courts):
    sleeps = (
        "    return price(order)\n\n\nasync def gathered",
        "    if order % 25 == 0:\n        await asyncio.sleep(0.0005)\n"
        "    return price(order)\n\n\nasync def gathered",
    )
    verdict = judged(courts("async"), ("LOG = []\n", "import asyncio\n\nLOG = []\n"), sleeps)
    assert_refused(verdict, TIMING)
    assert verdict.speedup is not None
    assert verdict.speedup < 0.9


def test_a_throughput_of_nothing_gives_a_slower_candidate_no_pass(courts):
    slower = ("        if price(order) < 0:\n", "        if price(order) + 2 * price(order) < 0:\n")
    verdict = judged(courts("throughput"), slower)
    assert_refused(verdict, TIMING)
    assert verdict.speedup is not None
    assert verdict.speedup < 0.9


# Answers compared too loosely


@pytest.mark.parametrize(
    ("workload", "old", "new", "part"),
    [
        ("squares", "10_000_000 + number * number", "10_000_001 + number * number", "1000000"),
        ("report", '{price(order)}\\n"', '{price(order)} \\n"', "content"),
        ("scale", "lambda value: value * 2 +", "lambda value: value * 3 +", "code"),
        ("rows", "[[price(1)] for _ in range(count)]", "[[price(1)]] * count", "same object"),
        ("check", "no order {order}: {error!r}", "no order {order}", "no order 5"),
        ("check", 'raise LookupError(f"no', 'raise RuntimeError(f"no', "RuntimeError"),
        (
            "check",
            '        raise LookupError(f"no order {order}: {error!r}") from None\n',
            "        raise RuntimeError(f\"got {LookupError('no order 5')!r}\") from None\n",
            "RuntimeError",
        ),
        (
            "discounted",
            "    return min(price(order) for order in orders)\n",
            "    orders.sort()\n    return min(price(order) for order in orders)\n",
            "return value",
        ),
    ],
    ids=["int", "StringIO", "lambda", "alias", "message", "type", "quoted", "mutated"],
)
def test_an_answer_that_differs_a_little_is_another_answer(
    courts, workload: str, old: str, new: str, part: str
):
    verdict = judged(courts(workload), (PRICE, FAST_PRICE), (old, new))
    assert_refused(verdict, ("same answer", "same calls"), part)


# What must pass


def test_doing_less_work_is_accepted(courts):
    verdict = judged(courts("many"), (PRICE, FAST_PRICE))
    assert verdict.outcome == "accepted", verdict
    assert verdict.ci_low is not None
    assert verdict.ci_low > 1.5


def test_a_cache_that_lives_within_one_call_is_accepted(courts):
    """Remainders repeat within each call, so the first call of a process gains as well."""
    within = (
        "    return [price(order) for order in orders]\n\n\ndef last_of",
        "    known = {}\n    for order in range(7):\n        known[order] = price(order)\n"
        "    return [known[order % 7] for order in orders]\n\n\ndef last_of",
    )
    verdict = judged(courts("many"), within)
    assert verdict.outcome == "accepted", verdict


@pytest.mark.parametrize("workload", [name for name in WORKLOADS if name not in ("prices", "many")])
def test_an_honest_change_gives_the_same_answer_and_calls(courts, workload: str):
    verdict = judged(courts(workload), (PRICE, FAST_PRICE), without=TIMING)
    assert verdict.outcome == "accepted", verdict
