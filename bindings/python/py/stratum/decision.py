"""The whole decision about a change: the gate and the tenant's limits together, recorded so that it can be decided again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._native import call
from .models import DecisionRecord, DecisionResponse, Replay

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from .models import DecisionPolicy, GateFacts, LimitFacts

__all__ = ["evaluate", "replay"]


def evaluate(
    *,
    gate: GateFacts | Mapping[str, Any],
    limits: LimitFacts | Mapping[str, Any] | None = None,
    policy: DecisionPolicy | Mapping[str, Any] | None = None,
    decision_id: str | UUID | None = None,
) -> DecisionResponse:
    """Decide about a change. Without ``limits`` they are not checked, and no action executes.

    Keep ``record`` of the answer: :func:`replay` proves the decision from it.
    """
    facts = {"gate": gate} if limits is None else {"gate": gate, "limits": limits}
    request: dict[str, Any] = {"facts": facts}
    if policy is not None:
        request["policy"] = policy
    if decision_id is not None:
        request["decision_id"] = decision_id
    return DecisionResponse.from_dict(call("decision.evaluate", request))


def replay(record: DecisionRecord | Mapping[str, Any]) -> Replay:
    """Decide a recorded decision again, and say whether it comes out the same, byte for byte."""
    return Replay.from_dict(call("decision.replay", {"record": record}))
