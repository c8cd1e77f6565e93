"""The stage "same calls": what the workload's answer does not show, the calls of it do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from perfagent.agent.gate.behaviour import same_answer
from perfagent.agent.gate.calls import same_calls
from perfagent.agent.gate.case import Stage
from perfagent.agent.gate.judge import judge
from perfagent.agent.gate.static import applies
from perfagent.agent.gate.touched import reshaped_classes, touched_functions
from perfagent.agent.runs.run import Run
from perfagent.agent.steps.tip import tip_tree
from perfagent.agent.verdict import Verdict
from perfagent.repos.patch import Patch
from perfagent.tests.court import Court, open_court

ORDERS = '''"""Orders."""

TABLE = {1: "one"}


def price(code, amount):
    """Return the price, with a discount on many."""
    if amount > 90:
        return amount * 9 // 10
    return amount


LOG = []
COUNT = 0
SEEN_CACHE = {}


def label(code):
    return TABLE.get(code, str(code))


def noted(code):
    """Return the code, and keep it on record."""
    global COUNT
    COUNT += 1
    LOG.append(code)
    SEEN_CACHE[code] = True
    return code


class Basket:
    def __init__(self):
        self._items = []

    def add(self, code):
        self._items.append(code)
        return self
'''

WORKLOAD = """from shop.orders import Basket, label, noted, price


def workload():
    basket = Basket()
    least = 100
    for amount in range(100):
        least = min(least, price("a", amount))
        basket.add(len(label(noted(amount))) > 0)
    return least
"""

FILES = {"shop/__init__.py": "", "shop/orders.py": ORDERS}
STAGES = (("applies", applies), ("same answer", same_answer), ("same calls", same_calls))


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    return open_court(tmp_path_factory.mktemp("court"), FILES, WORKLOAD)


def verdict(court: Court, code: str, stages: Sequence[tuple[str, Stage]] = STAGES) -> Verdict:
    candidate = court.candidate(shop__orders=code)
    return judge(court.run, candidate, tip_tree(court.run, None), stages=stages)


def recordings(run: Run) -> int:
    return len(list((run.directory.path / "recorded").glob("*.json")))


def test_a_result_that_is_wrong_on_rare_arguments_is_refused_though_the_answer_is_the_same(court):
    found = verdict(court, ORDERS.replace("amount > 90", "amount > 91"))
    assert (found.stage, found.outcome) == ("same calls", "rejected")
    assert found.reason.startswith("1 of 100 recorded calls of shop.orders.price changed: call 91:")
    assert found.evidence


def test_a_process_that_ends_early_is_refused_with_the_number_of_calls_that_are_lost(court):
    leaving = ORDERS.replace(
        "    if amount > 90:\n",
        '    if amount > 5:\n        __import__("os")._exit(0)\n    if amount > 90:\n',
    )
    found = verdict(court, leaving, (STAGES[0], STAGES[2]))
    assert (found.stage, found.outcome) == ("same calls", "rejected")
    assert found.reason.startswith("94 of 100 recorded calls of shop.orders.price gave no outcome")


def test_an_honest_rewrite_passes_and_the_base_is_recorded_once(court):
    before = recordings(court.run)
    for bound in ("90 < amount", "not amount <= 90"):
        found = verdict(court, ORDERS.replace("amount > 90", bound))
        assert (found.outcome, found.doubts) == ("accepted", ())
    assert recordings(court.run) <= before + 1


def test_a_table_outside_of_functions_counts_for_the_functions_beside_it(court):
    found = verdict(court, ORDERS.replace('{1: "one"}', '{1: "on"}'))
    assert found.stage == "same calls"
    assert found.outcome == "rejected"
    assert "shop.orders.label" in found.reason


@pytest.mark.parametrize(
    ("old", "new", "variable"),
    [
        (
            "    LOG.append(code)\n",
            "    if not LOG:\n        LOG.append(code)\n",
            "shop.orders.LOG",
        ),
        ("    LOG.append(code)\n", "    LOG.append(str(code))\n", "shop.orders.LOG"),
        ("    COUNT += 1\n", "    COUNT = max(COUNT, code)\n", "shop.orders.COUNT"),
        ("    SEEN_CACHE[code] = True\n", "    TABLE[-1 - code] = code\n", "shop.orders.TABLE"),
    ],
)
def test_what_a_call_leaves_in_a_module_counts(court, old: str, new: str, variable: str):
    """A log that loses its lines shows in no result."""
    assert old in ORDERS
    found = verdict(court, ORDERS.replace(old, new))
    assert (found.stage, found.outcome) == ("same calls", "rejected")
    assert variable in found.reason


def test_a_cache_in_a_module_may_hold_what_it_likes(court):
    without = ORDERS.replace("    SEEN_CACHE[code] = True\n", "")
    assert verdict(court, without).outcome == "accepted"
    more = ORDERS.replace("def label(code):\n", "KNOWN = {}\n\n\ndef label(code):\n")
    more = more.replace("    return TABLE.get", "    KNOWN[code] = 1\n    return TABLE.get")
    assert verdict(court, more).outcome == "accepted"


def test_the_user_may_turn_it_off_by_name(tmp_path):
    court = open_court(tmp_path, FILES, WORKLOAD, loosen=["calls"])
    found = verdict(court, ORDERS.replace("amount > 90", "amount > 91"))
    assert found.outcome == "accepted"
    assert "recorded calls are not replayed (--loosen calls)" in found.doubts


def test_calls_of_a_command_are_not_recorded_and_that_is_told(tmp_path):
    court = open_court(tmp_path, FILES, WORKLOAD)
    request = court.run.request
    workload = replace(request.workload, kind="command", text="true")
    court.run.request = replace(request, workload=workload)
    found = verdict(court, ORDERS.replace("amount > 90", "amount > 91"))
    assert found.outcome == "accepted"
    assert "calls of a command are not recorded" in found.doubts


@pytest.fixture
def environment(court: Court):
    return court.run.prepared.environment


def test_a_nested_function_counts_as_the_one_around_it(environment):
    before = {"shop/a.py": "def outer():\n    def inner():\n        return 1\n    return inner\n"}
    diff = (
        "--- a/shop/a.py\n+++ b/shop/a.py\n@@ -2,2 +2,2 @@\n"
        "     def inner():\n-        return 1\n+        return 2\n"
    )
    patch = Patch.parse(diff, "0" * 40)
    assert touched_functions(patch, before, environment) == (("shop.a", "outer"),)


def test_files_outside_the_packages_have_no_module(environment):
    assert environment.module_name("shop/orders.py") == "shop.orders"
    assert environment.module_name("shop/__init__.py") == "shop"
    assert environment.module_name("setup.py") is None
    assert environment.module_name("shop/data.txt") is None


def test_a_class_is_held_otherwise_when_its_constructor_says_so():
    assert reshaped_classes(ORDERS, ORDERS.replace("self._items = []", "self._items = set()"))
    assert reshaped_classes(ORDERS, ORDERS.replace("return self", "self.n = 1; return self"))
    assert reshaped_classes(ORDERS, ORDERS.replace("Basket", "_Basket")) == ("Basket",)
    assert reshaped_classes(ORDERS, ORDERS.replace("return self", "return (self)")) == ()
