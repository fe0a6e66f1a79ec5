"""Approvals of a GitHub environment, read as sign-offs.

Format: the answer of ``GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals``,
https://docs.github.com/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run.
The API names no time, so that a sign-off is dated when it is taken over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from release_gate.checklists import Decision, SignOff
from release_gate.errors import SignOffError

_DECISIONS: dict[str, Decision] = {"approved": "go", "rejected": "no-go"}
_REMEDY = "Fetch it again: gh api repos/OWNER/REPO/actions/runs/RUN/approvals"


def approvals(text: str, file: str, item: str, subject: str, now: datetime) -> Iterator[SignOff]:
    """The sign-offs that a run's approvals stand for, in the order of the file.

    Args:
        text: Content of the file.
        file: Its name, for messages.
        item: Item that they answer.
        subject: What was approved.
        now: The moment, aware.

    Raises:
        SignOffError: If it is not such an answer, or holds no approval at all.
    """
    try:
        rows: Any = json.loads(text)
    except ValueError as error:
        raise SignOffError(f"not JSON: {error}", file=file, remedy=_REMEDY) from error
    if not isinstance(rows, list) or not rows:
        raise SignOffError("it holds no approval", file=file, remedy=_REMEDY)
    for row in rows:
        state = row.get("state") if isinstance(row, dict) else None
        user = row.get("user") if isinstance(row, dict) else None
        login = user.get("login") if isinstance(user, dict) else None
        if not isinstance(login, str) or not login or state not in {*_DECISIONS, "pending"}:
            raise SignOffError("an entry has no state or no user", file=file, remedy=_REMEDY)
        if state in _DECISIONS:
            comment = row.get("comment")
            yield SignOff(
                item=item,
                decision=_DECISIONS[state],
                who=f"github:{login}",
                via="github-environment",
                at=now.replace(microsecond=0),
                subject=subject,
                comment=comment if isinstance(comment, str) else "",
            )
