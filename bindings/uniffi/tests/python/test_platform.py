"""A platform written outside of Rust, driven by the autopilot; the Kotlin tests say the rest."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import stratum
from stratum import Platform
from test_border import NOW, TENANT, facts

ACTION = "0198c9a0-0000-7000-8000-000000000b01"
PERSON = "0198c9a0-0000-7000-8000-0000000000aa"


class Ledger(stratum.AdPlatform):
    """A platform that remembers what it was asked, and fails as it is told."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.calls: list[Any] = []
        self.failure = failure

    async def apply(self, change: Any) -> str | None:
        await asyncio.sleep(0)
        self.calls.append(change)
        if self.failure:
            raise self.failure
        return "receipt-1"

    async def outcome_of(self, entity: Any, idempotency_key: str) -> Any:
        return stratum.CallOutcome.UNKNOWN()


async def run(platform: Ledger) -> tuple[Any, Any]:
    """What becomes of an approved decrease on a healthy platform, and the autopilot."""
    pilot = stratum.Autopilot(TENANT, "USD", platform)
    pilot.set_figures(
        Platform.META,
        "238512",
        stratum.CampaignFigures(roas=5.0, spend_cents=100_000, revenue_cents=500_000),
        budget=stratum.EntityBudget(kind=stratum.BudgetKind.DAILY, budget_cents=10_000, active=True),
        exposure=stratum.Exposure(frequency=1.0),
    )
    lower = stratum.Change.BUDGET(
        kind=stratum.BudgetKind.DAILY, before_cents=10_000, after_cents=8_000, currency="USD"
    )
    proposal = stratum.Proposal(
        id=ACTION,
        action_type=stratum.ActionType.BUDGET_DECREASE,
        platform=Platform.META,
        entity_type=stratum.EntityType.CAMPAIGN,
        entity_id="238512",
        change=lower,
    )
    await pilot.propose(proposal, NOW)
    await pilot.approve(ACTION, PERSON, NOW)
    pilot.put_snapshot(stratum.evaluate_health(facts()))
    [visited] = await pilot.run(NOW)
    assert visited.action_id == ACTION
    return visited.step, pilot


def test_an_approved_action_that_passes_is_applied_once_and_its_chain_verifies() -> None:
    async def main() -> None:
        platform = Ledger()
        step, pilot = await run(platform)
        assert step.is_APPLIED() and await pilot.run(NOW) == []
        assert [call.idempotency_key for call in platform.calls] == [ACTION]
        assert json.loads(stratum.call("audit.verify", await pilot.audit()))["ok"] is True

    asyncio.run(main())


@pytest.mark.parametrize(
    ("failure", "step"),
    [
        (
            stratum.PlatformError.Failed(
                stratum.PlatformFailure(code=stratum.PlatformErrorCode.REFUSED, message="no")
            ),
            stratum.Step.ENDED,
        ),
        (ConnectionResetError("peer went away"), stratum.Step.OPEN),
    ],
)
def test_what_the_platform_raises_decides_what_becomes_of_the_action(failure: Exception, step: type) -> None:
    async def main() -> None:
        found, _ = await run(Ledger(failure))
        assert isinstance(found, step)

    asyncio.run(main())
