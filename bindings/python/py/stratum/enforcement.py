"""Enforcement: the tenant's own limits on what automation may change, and what would change a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._native import call
from .models import EnforcementCheck

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .models import CheckSubject, EnforcementFacts, EnforcementSettings

__all__ = ["check"]


def check(
    *,
    change: CheckSubject | Mapping[str, Any],
    known: EnforcementFacts | Mapping[str, Any],
    policy: EnforcementSettings | Mapping[str, Any] | None = None,
) -> EnforcementCheck:
    """Check a change against every limit of the tenant: all violations, and what would be allowed.

    Exactly at a limit is allowed; what is unknown violates the limit that needs it.
    """
    request: dict[str, Any] = {"facts": {"change": change, "known": known}}
    if policy is not None:
        request["policy"] = policy
    return EnforcementCheck.from_dict(call("enforcement.check", request))
