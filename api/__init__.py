"""The same as the command line, from Python: `perfagent.optimize(...)` and its siblings.

A door: it starts runs, hands them to the loop, and has their reports written.
"""

from __future__ import annotations

from .evaluations import audit_evaluation, evaluate, export_evaluations, mine
from .openevolve import openevolve_again, openevolve_check, openevolve_export, openevolve_score
from .runs import audit, check, guard, measure, optimize, profile, resume, survey, verify
from .words import Listener, command_line, option_words

__all__ = [
    "Listener",
    "audit",
    "audit_evaluation",
    "check",
    "command_line",
    "evaluate",
    "export_evaluations",
    "guard",
    "measure",
    "mine",
    "openevolve_again",
    "openevolve_check",
    "openevolve_export",
    "openevolve_score",
    "optimize",
    "option_words",
    "profile",
    "resume",
    "survey",
    "verify",
]
