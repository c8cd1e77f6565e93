"""Every test that a library has, on its base and on an accepted patch.

A run takes the tests that the table names, some of them a part of the suite. Here all of them run,
twice on the base and once on the patch, and each one's outcome is compared.
"""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from perfagent.agent.steps.prepare import divide_cpus
from perfagent.repos.checkout import RunRepository
from perfagent.repos.environment.environment import (
    EnvironmentSpec,
    build_environment,
    find_subdir,
    prepare_tree,
)
from perfagent.repos.patch import Patch
from perfagent.repos.source.mirror import open_ref
from perfagent.repos.source.ref import parse_repo
from perfagent.repos.suite.report import SuiteReport
from perfagent.repos.suite.suite import Suite
from perfagent.settings import load_settings

from ..study.records import say
from ..trials.trial import ROOT, Record
from .table import Library


def suites_compared(library: Library, record: Record, folder: Path) -> Record:
    """Run all tests of a library on its base and with the patch of its record.

    Args:
        library: Says how it is installed, and by `whole_tests` what its suite is.
        record: Of its trial, with a patch.
        folder: For the trees; what is there is removed, before and after.

    Returns:
        `tests`: how many have the same outcome in both runs of the base, of which `passed`,
        `skipped` and `failed` (errors too); `flaky`: the node ids of the others; `different`: what
        became of tests that end otherwise with the patch, a line each; `problem`: why a suite did
        not run to its end, or None; `seconds` of the run on the patch.

    Raises:
        UserError: The library does not install.
        InfrastructureError: The machine or the network failed.
    """
    say(f"{library.name}: its whole suite, on the base twice and on the patch")
    settings = load_settings({}, working_dir=ROOT)
    ref = open_ref(parse_repo(library.target), settings.cache_dir)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        repository = RunRepository.create(folder, Path(ref.mirror), [ref.commit])
        base = repository.checkout("base", ref.commit)
        spec = EnvironmentSpec(
            python=library.python or None, install=library.install, subdir=find_subdir(base)
        )
        env = build_environment(spec, base, settings.cache_dir)
        patched = repository.checkout("patch", ref.commit, Patch.parse(record["patch"], ref.commit))
        for tree in (base, patched):
            prepare_tree(env, tree, rebuild=True)
        suite = Suite(env=env, arguments=tuple(shlex.split(library.whole_tests)))
        _, cpus = divide_cpus(os.sched_getaffinity(0))
        runs = [
            suite.run(tree, hash_seed=seed, cpus=cpus)
            for tree, seed in ((base, 0), (base, 1), (patched, 0))
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return difference(*runs)


def difference(first: SuiteReport, second: SuiteReport, patched: SuiteReport) -> Record:
    """Return how a suite's outcomes on a patch differ from the two runs of it on the base."""
    before, again, after = (each.outcomes() for each in (first, second, patched))
    steady = {name: each for name, each in before.items() if again.get(name) == each}
    outcomes = list(steady.values())
    different = [
        f"{name}: {steady.get(name, 'not there')}, with the patch {after.get(name, 'not there')}"
        for name in dict.fromkeys([*steady, *after])
        if (name in steady or name not in {**before, **again})
        and steady.get(name) != after.get(name)
    ]
    problems = [each.problem for each in (first, second, patched) if each.problem]
    if not outcomes:
        problems.append("no test was found: name them by whole_tests")
    return {
        "tests": len(steady),
        "passed": outcomes.count("passed"),
        "skipped": outcomes.count("skipped"),
        "failed": outcomes.count("failed") + outcomes.count("errored"),
        "flaky": sorted({*before, *again} - set(steady)),
        "different": different,
        "problem": problems[0] if problems else None,
        "seconds": round(patched.duration_s, 1),
    }
