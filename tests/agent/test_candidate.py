from __future__ import annotations

import json

from perfagent.agent.candidate import Candidate
from perfagent.agent.runs.budget import Spend
from perfagent.repos.patch import Patch

DIFF = """--- a/pkg/work.py
+++ b/pkg/work.py
@@ -1,2 +1,2 @@
 def work():
-    return "slow"
+    return "fäst"
"""


def test_a_candidate_survives_a_kill_as_json() -> None:
    for diff in (DIFF, ""):
        candidate = Candidate(
            candidate_id="c1",
            parent_id=None,
            origin="rewrites/memoize",
            hypothesis="it is slow",
            patch=Patch.parse(diff, "0" * 40),
            spend=Spend(usd=None, tokens=3, model_calls=1),
            round=2,
            hotspot="pkg/work.py:work",
            fingerprint="f",
        )
        assert Candidate.from_json(json.loads(json.dumps(candidate.to_json()))) == candidate
