"""The audit chain: what happened, by whom, and why, so that a later change of any byte shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._native import call
from .models import ChainHead, Verification

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from .models import StoredRecord

__all__ = ["genesis", "verify"]


def genesis(tenant_id: str | UUID) -> ChainHead:
    """Give the head of a tenant's chain before its first record."""
    return ChainHead(tenant_id=str(tenant_id), seq=0, hash="0" * 64)


def verify(
    records: Iterable[StoredRecord | Mapping[str, Any]],
    *,
    after: ChainHead | Mapping[str, Any],
    known_head: ChainHead | Mapping[str, Any] | None = None,
) -> Verification:
    """Find the first broken link of the records that follow ``after`` (:func:`genesis` for a whole chain).

    ``known_head`` is a head that was kept elsewhere: with it a truncation or a rewrite shows, too.
    """
    request: dict[str, Any] = {"from": after, "records": list(records)}
    if known_head is not None:
        request["known_head"] = known_head
    return Verification.from_dict(call("audit.verify", request))
