"""The autopilot over a platform that you write, with its actions kept in memory.

>>> from stratum.models import ChangeBudget
>>> class Printer:
...     def apply(self, change):
...         print("after_cents", change.change.after_cents)
...         return "reference-1"
>>> pilot = Autopilot(Printer())
>>> action = pilot.queue(
...     now="2026-03-01T12:00:00Z",
...     tenant_id="0198c9a0-0000-7000-8000-000000000001",
...     action_type="BUDGET_DECREASE",
...     platform="META",
...     entity_type="CAMPAIGN",
...     entity_id="238512",
...     change=ChangeBudget(kind="DAILY", before_cents=10_000, after_cents=8_000, currency="USD"),
... )
>>> action = pilot.approve(action.id, by="0198c9a0-0000-7000-8000-0000000000aa", now="2026-03-01T12:00:00Z")
>>> action.state
'APPROVED'
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Union

from ._native import Action, AuditChains, CallResult, Claim, Executor, action_id, queue_action
if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from .models import Change, ChangeRequest, DecisionPolicy, EnforcementFacts, GateFacts
    from .types import ActionType, EntityType, Platform

__all__ = ["Action", "AdPlatform", "Autopilot", "CallResult", "Claim", "ExecutionFacts"]


class AdPlatform(Protocol):
    """What a platform of yours must have: ``apply``.

    It makes one change, once for each ``idempotency_key``, not after ``not_after``, and only while the platform still
    shows the value that the change starts from. It returns your reference or None, or an :class:`Applied`; it may be
    ``async def``. It raises :class:`stratum.PlatformError` when the change was certainly not made. After any other
    exception nobody knows, and the change is never sent again unasked.

    A platform that can look a call up also has ``outcome_of(entity, idempotency_key, now)``, which returns a
    ``CallOutcome``; without it a call whose answer was lost stays unknown.
    """

    def apply(self, change: ChangeRequest, /) -> Any:
        """Make one change."""


@dataclass(frozen=True, kw_only=True)
class ExecutionFacts:
    """What is known of an action when it is to be executed, freshly read."""

    gate: GateFacts | Mapping[str, Any]
    limits: EnforcementFacts | Mapping[str, Any]


Step = Union[Claim, CallResult]


class Autopilot:
    """Queues, approves and executes actions, kept in memory: for tests, notebooks and services of your own.

    Any number of threads may use one: an action is claimed under a lock and the platform is called without it, so no
    action is ever executed twice. Each step stands in the tenant's audit chain, the intent before the call. In a running event loop use ``await asyncio.to_thread(pilot.run, …)``.
    """

    def __init__(self, platform: AdPlatform, policy: DecisionPolicy | Mapping[str, Any] | None = None) -> None:
        self._executor = Executor(platform, policy)
        self._actions: dict[str, Action] = {}
        self.audit = AuditChains()
        """What happened, chained: ``stratum.audit.verify(pilot.audit.records(tenant_id), after=…)``."""
        self._lock = threading.Lock()

    @property
    def actions(self) -> list[Action]:
        """Every action, oldest first."""
        with self._lock:
            return [self._actions[key] for key in sorted(self._actions)]

    def __getitem__(self, action_id: str) -> Action:
        """One action."""
        with self._lock:
            return self._actions[action_id]

    def queue(
        self,
        *,
        now: datetime | str,
        tenant_id: str | UUID,
        action_type: ActionType,
        platform: Platform,
        entity_type: EntityType,
        entity_id: str,
        change: Change | Mapping[str, Any],
        **more: Any,
    ) -> Action:
        """Queue an action; it waits for approval. Raises :class:`stratum.StratumError` with all that is wrong with it.

        ``more`` may hold ``id``, ``entity_name``, ``origin``, ``created_by``, ``reason``, ``reverts``, ``ttl_hours``.
        """
        proposed = {
            "id": action_id(now, os.urandom(10)),
            "tenant_id": tenant_id,
            "action_type": action_type,
            "platform": platform,
            "entity_type": entity_type,
            "entity_id": entity_id,
            "change": change,
            **more,
        }
        action = queue_action(proposed, now)
        with self._lock:
            # The same id again is the same action, whatever state it is in by now.
            if action.id not in self._actions:
                self.audit.note("QUEUED", action, now=now, by=more.get("created_by"), reason=more.get("reason"))
                self._actions[action.id] = action
            return self._actions[action.id]

    def approve(
        self, action_id: str, *, by: str | UUID, now: datetime | str, override_reason: str | None = None
    ) -> Action:
        """Approve an action for a person. The gate is asked all the same when it is executed."""
        with self._lock:
            approved = self._actions[action_id].approve(by=by, now=now, override_reason=override_reason)
            self.audit.note("APPROVED", approved, now=now, by=by, reason=override_reason)
            return self._store(approved)

    def dismiss(self, action_id: str, *, by: str | UUID, now: datetime | str) -> Action:
        """Dismiss an action that was not approved yet."""
        with self._lock:
            dismissed = self._actions[action_id].dismiss(now=now)
            self.audit.note("DISMISSED", dismissed, now=now, by=by)
            return self._store(dismissed)

    def run(self, facts: Callable[[Action], ExecutionFacts], *, now: datetime | str) -> list[Step]:
        """Execute every approved action that gate and limits let through now, oldest first.

        ``facts`` gives what is known of an action, freshly read. The answer has a :class:`stratum.autopilot.CallResult`
        for each call of the platform, and a :class:`stratum.autopilot.Claim` for each action that waits or failed.
        """
        return [step for action in self.actions if (step := self._run_one(action.id, facts, now)) is not None]

    def _run_one(self, key: str, facts: Callable[[Action], ExecutionFacts], now: datetime | str) -> Step | None:
        action = self._expired(key, now)
        if action.lease_lapsed(now=now):
            action = self._look_up(action, now)
        if action.state != "APPROVED":
            return None
        known = facts(action)
        with self._lock:
            # Another thread may have claimed it while the facts were read.
            if self._actions[key] != action:
                return None
            claim = self._executor.claim(action, known.gate, known.limits)
            # The intent comes first: what cannot be written down is not executed.
            what = {"EXECUTE": "INTENT", "WAIT": "GATE_EVALUATED", "FAIL": "BLOCKED"}[claim.step]
            self.audit.note(what, claim.action, now=now, claim=claim)
            self._store(claim.action)
        if claim.step != "EXECUTE":
            return claim
        result = self._executor.apply(claim, now=now)
        with self._lock:
            self._settled(result.action, now)
        return result

    def _expired(self, key: str, now: datetime | str) -> Action:
        with self._lock:
            before, action = self._actions[key], self._actions[key].expire(now=now)
            if action != before:
                self.audit.note("EXPIRED", action, now=now)
            return self._store(action)

    def _look_up(self, action: Action, now: datetime | str) -> Action:
        """Ask the platform about a call that was never reported."""
        known = self._executor.look_up(action, now=now)
        with self._lock:
            # Its executor may have reported after all.
            return self._settled(known, now) if self._actions[action.id] == action else self._actions[action.id]

    def _settled(self, action: Action, now: datetime | str) -> Action:
        if action.state in ("APPLIED", "FAILED"):
            self.audit.note(action.state, action, now=now, reason=action.status_reason)
        return self._store(action)

    def _store(self, action: Action) -> Action:
        self._actions[action.id] = action
        return action
