"""Who started a job of a CI system, by the variables that it sets.

Variables: https://docs.github.com/actions/reference/workflows-and-actions/variables,
https://docs.gitlab.com/ci/variables/predefined_variables/.
"""

from __future__ import annotations

from collections.abc import Mapping


def actor(environment: Mapping[str, str]) -> str | None:
    """``github:ann`` or ``gitlab:ann``; ``None`` outside of these systems.

    Args:
        environment: The process environment as injected.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        # Who re-ran a job acts, not who first pushed.
        name = environment.get("GITHUB_TRIGGERING_ACTOR") or environment.get("GITHUB_ACTOR")
        return f"github:{name}" if name else None
    if environment.get("GITLAB_CI") == "true":
        name = environment.get("GITLAB_USER_LOGIN")
        return f"gitlab:{name}" if name else None
    return None
