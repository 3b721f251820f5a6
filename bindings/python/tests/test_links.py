"""Links that merge hold their policy, and refuse what a merge cannot hold."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import stratum


def linked_in_parts(frame: pl.DataFrame, parts: int, **policy: Any) -> stratum.cdp.Links:
    """Rows dealt out to workers, whose states travel as bytes and merge backwards."""
    merged = stratum.cdp.Links(**policy)
    for part in reversed(range(parts)):
        links = stratum.cdp.Links(**policy)
        links.add(frame.gather_every(parts, part))
        merged.merge(stratum.cdp.Links.from_bytes(links.to_bytes()))
    return merged


def named(columns: Any) -> dict[str, str]:
    return dict(pl.DataFrame(columns).select("identifier", "cluster").iter_rows())


LINKED = pl.DataFrame({
    "email": ["jane@shop.test1", None, "omar@shop.test1", "omar@shop.test1", "office@shop.test1", "office@shop.test1", None],
    "phone": ["0151 12345678", "0151 12345678", None, "+96550001111", None, "+96550002222", "+96550003333"],
    "device_id": [None, "d1", "d2", None, "d3", None, "d4"],
    "confidence": [1.0, 0.95, 0.5, 1.0, 1.0, 1.0, 0.91],
})


@pytest.mark.parametrize("given", [
    {"policy": {}},
    {"policy": {"min_confidence": 0.4, "limits": {"email": 1, "device_id": 1}}},
    {"policy": {"min_confidence": 0.95, "hold_conflicts": False, "max_cluster_ids": 2}},
    {"identity": {"default_region": "DE", "blocked": {"email": ["office@shop.test1"]}, "storm": None}},
    {"identity": {"preset": "standard", "limits": {"device_id": 0}}},
], ids=str)
def test_links_that_merge_hold_the_policy_to_the_bit(given: dict[str, Any]) -> None:
    whole = stratum.cdp.resolve(LINKED, **(given if given["policy" if "policy" in given else "identity"] else {"policy": {"min_confidence": 0.9}}))
    for parts in (1, 2, 5):
        links = linked_in_parts(LINKED, parts, **given)
        assert links.to_bytes() == linked_in_parts(LINKED, 1, **given).to_bytes()
        found = links.clusters()
        assert named(found) == named(whole.tables["identifiers"])
        assert pl.DataFrame(found.tables["summary"]).to_dicts() == pl.DataFrame(whole.tables["summary"]).to_dicts()
        assert pl.DataFrame(found.tables["held"]).to_dicts() == pl.DataFrame(whole.tables["held"]).to_dicts()


def test_what_links_that_merge_cannot_hold_is_refused() -> None:
    def told(refused: Any) -> list[tuple[str, str]]:
        return [(problem.path, problem.code) for problem in refused.value.problems]

    links = stratum.cdp.Links()
    links.add(LINKED)
    with pytest.raises(stratum.StratumError) as refused:
        links.clusters(policy={"min_confidence": 0.4})
    assert told(refused) == [("/policy/min_confidence", "not_allowed_here")]
    assert pl.DataFrame(links.clusters(policy={"max_cluster_ids": 1}).tables["held"]).height > 0
    with pytest.raises(stratum.StratumError) as refused:
        links.merge(stratum.cdp.Links(identity={}))
    assert told(refused) == [("/policy", "other_policy")]
    with pytest.raises(stratum.StratumError) as refused:
        stratum.cdp.Links(identity={"preset": "lax"})
    with pytest.raises(TypeError, match="not both"):
        stratum.cdp.Links(identity={}, policy={})
    # Two addresses that meet in one phone: which of the links strict refuses depends on what came first.
    shared = pl.DataFrame({"email": ["a@shop.test1", "b@shop.test1"], "phone": ["+96550001111"] * 2})
    links = stratum.cdp.Links(identity={"preset": "strict"})
    links.add(shared)
    with pytest.raises(stratum.StratumError) as refused:
        links.clusters()
    assert told(refused) == [("", "needs_events")]
    assert pl.DataFrame(links.clusters(parted=True).tables["summary"])["clusters"].to_list() == [3]
    for state, code in [(b"SPC1", "foreign_state"), (b"SLS2" + links.to_bytes()[4:], "foreign_state"), (links.to_bytes()[:-1], "damaged_state")]:
        with pytest.raises(stratum.StratumError) as refused:
            stratum.cdp.Links.from_bytes(state)
        assert told(refused) == [("", code)]
