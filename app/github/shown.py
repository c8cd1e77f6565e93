"""Shows a measurement that a pull request's own workflow uploaded, as a check.

    python -m perfagent.app.github.shown FILE SHA THRESHOLD

What the file says was written where the pull request's code ran: it is read as numbers and short
words, the commit is the event's own, and the check says where it comes from.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...errors import PerfagentError, UserError
from ...reports.regression import regression_summary, regression_title
from ..forge import Check
from ..jobs.checking import conclusion_of
from .client import Answer, Client
from .place import GitHubPlace

_MOST_BYTES = 100_000
_SHA = re.compile(r"[0-9a-f]{40}")
Words = Annotated[str, Field(max_length=300)]
Positive = Annotated[float, Field(gt=0, lt=1e9, allow_inf_nan=False)]


class _Spot(BaseModel):
    model_config = ConfigDict(extra="ignore")

    path: Words
    line: int = Field(ge=1, le=10_000_000)
    function: Words
    before: float = Field(ge=0, le=1)
    after: float = Field(ge=0, le=1)


class _Measured(BaseModel):
    model_config = ConfigDict(extra="ignore")

    decision: Literal["slower", "not_slower", "inconclusive", "fails"]
    reason: Words
    slowdown: Positive | None = None
    ci_low: Positive | None = None
    ci_high: Positive | None = None
    confidence: float = Field(default=0.95, gt=0, lt=1)
    baseline_s: Positive | None = None
    candidate_s: Positive | None = None
    pairs: int = Field(default=0, ge=0, le=10_000)
    spot: _Spot | None = None


class _OneToken:
    """The workflow's token, in place of an app's."""

    def __init__(self, client: Client, token: str) -> None:
        self._client = client
        self._authorization = f"Bearer {token}"

    def request(
        self,
        method: str,
        path: str,
        *,
        installation: str,
        repo: str,
        rights: Mapping[str, str],
        **more: Any,
    ) -> Answer:
        del installation, repo, rights
        return self._client.request(method, path, authorization=self._authorization, **more)


def show(file: Path, sha: str, threshold: float, *, client: Client, token: str, repo: str) -> str:
    """Make the check; return its conclusion.

    Raises:
        UserError: The file or the commit is none.
        ForgeError: The forge refused it.
    """
    if not _SHA.fullmatch(sha):
        raise UserError(f"{sha[:50]!r} is no commit")
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UserError(f"{file} is too long for a measurement")
        found = _Measured.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise UserError(f"{file} is no measurement: {type(error).__name__}") from None
    result = {**found.model_dump(), "name": "workload"}
    conclusion = conclusion_of([result])
    place = GitHubPlace(
        _OneToken(client, token),  # type: ignore[arg-type]
        "",
        repo,
        server_url="",
        app_id="15368",  # GitHub Actions, whose checks these are
        slug="github-actions",
        before_write=lambda: None,
        pause_s=0,
    )
    summary = regression_summary([result], base="the base", head=sha, threshold=threshold)
    place.check(
        Check(
            name="perfagent",
            sha=sha,
            mark=f"action:{sha}",
            title=regression_title([result]),
            summary=f"{summary}\n\nMeasured by the pull request's own workflow.",
            conclusion=conclusion,
        )
    )
    return conclusion


def main() -> int:
    """Show what the arguments and the workflow's variables name."""
    file, sha, threshold = sys.argv[1:4]
    environ = os.environ
    client = Client(environ.get("GITHUB_API_URL", "https://api.github.com"))
    try:
        conclusion = show(
            Path(file),
            sha,
            float(threshold),
            client=client,
            token=environ["GITHUB_TOKEN"],
            repo=environ["GITHUB_REPOSITORY"],
        )
    except PerfagentError as error:
        sys.stderr.write(f"perfagent: {error}\n")
        return 2
    finally:
        client.close()
    sys.stdout.write(f"{conclusion}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
