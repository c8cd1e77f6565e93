"""The last round: a model is asked for a smaller patch that is as fast."""

from __future__ import annotations

from ...errors import ToolError
from ..candidate import Candidate
from ..chat.ensemble import model_for
from ..proposers.llm import propose
from ..proposers.proposal import Proposal
from ..runs.run import Run
from ..steps.minimize import replaced
from ..steps.tip import lineage, patch_with
from .context import context_of, view_of
from .standing import budget_lines
from .strategies import simplify_text

STRATEGY = "simplify"
WORTH_LINES = 12
"""Changed lines below which a patch is simple enough."""


def simplified(run: Run, final: Candidate, round_number: int) -> Candidate:
    """Return a candidate with a smaller patch that is as right and as fast, or the same one.

    Args:
        run: The run.
        final: The tip.
        round_number: One more than the last round.
    """
    lines = final.patch.added_lines + final.patch.removed_lines
    stack = lineage(run, final.candidate_id)
    written = any(each.origin.removeprefix("stack/").startswith("llm/") for each in stack)
    if lines < WORTH_LINES or not written or "llm" not in run.settings.proposers():
        return final
    proposal = _proposal(run, final, round_number)
    if proposal is None or proposal.problem is not None:
        return final
    try:
        patch = patch_with(run, final.candidate_id, proposal.sources)
    except ToolError:
        return final
    if patch.is_empty or patch.added_lines + patch.removed_lines >= lines:
        run.note("the last round found nothing simpler")
        return final
    return replaced(run, final, patch, origin=proposal.origin, what="in a simpler form") or final


def _proposal(run: Run, final: Candidate, round_number: int) -> Proposal | None:
    """Return what the model proposes, from disk when it was asked before."""
    name = f"proposals/{round_number:02d}/{STRATEGY}.json"
    if run.directory.has(name):
        return Proposal.from_json(run.directory.read_json(name)[0])
    view = view_of(run, round_number, final.candidate_id, None)
    if not view.hotspots:
        return None
    run.stage("conclude", "can it be simpler? asking the model")
    context = context_of(
        run,
        round_number,
        view,
        strategy=STRATEGY,
        task=simplify_text(run, final.candidate_id),
        budget=budget_lines(run, round_number),
    )
    with run.stopwatch.waiting_for("model"):
        (made,) = propose(
            model=model_for(run, "code", STRATEGY),
            journal=run.journal,
            hotspots=view.hotspots,
            context=context,
            raise_transient=False,
        )
    run.keep(name, [made.to_json()])
    return made
