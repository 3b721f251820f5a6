"""The CRM rules, written from the specification: stages, upserts, matching, the pipeline, what is written back.

Addresses and numbers come with their normal forms from the cases; nothing here cleans them.
"""

import hashlib
import json
from datetime import datetime, timezone
from fractions import Fraction

from exact import number, round_half_away

WAY = ["LEAD", "MQL", "SQL", "OPPORTUNITY", "PROPOSAL", "NEGOTIATION", "WON"]
STAGES = WAY + ["LOST", "UNMAPPED"]
HUBSPOT_DEALS = {
    "appointmentscheduled": "SQL", "qualifiedtobuy": "SQL", "presentationscheduled": "OPPORTUNITY", "decisionmakerboughtin": "PROPOSAL",
    "contractsent": "NEGOTIATION", "closedwon": "WON", "closedlost": "LOST",
}
HUBSPOT_CONTACTS = {
    "subscriber": "LEAD", "lead": "LEAD", "marketingqualifiedlead": "MQL", "salesqualifiedlead": "SQL", "opportunity": "OPPORTUNITY",
    "customer": "WON",
}
SIGNALS = {"CLICK_ID": "1", "EXTERNAL_ID": "0.95", "EMAIL": "0.95", "PHONE": "0.9", "CLIENT_ID": "0.7", "CAMPAIGN": "0.4"}


def ms(text):
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


def wire(at):
    instant = datetime.fromtimestamp(at // 1000, timezone.utc)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"


def digest(record):
    said = {key: value for key, value in record.items() if key not in ("updated_at", "last_sync")}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def match(contacts, touches, lookback=30, anchor="CREATED"):
    """The keys of both sides are (signal, value) pairs in their normal forms."""
    start = {c["id"]: c["created_at"] if anchor == "CREATED" else c.get("won_at") for c in contacts}

    def possible(touch, only, reach):
        found = {}
        for contact in contacts:
            if start[contact["id"]] is None:
                continue
            before = ms(start[contact["id"]]) - ms(touch["at"])
            common = [s for s in SIGNALS if any((s, v) in touch["keys"] for t, v in contact["keys"] if t == s)]
            common = [s for s in common if only(s)]
            if common and 0 <= before <= reach * 86_400_000:
                found[contact["id"]] = common
        return found

    def settle(touch, found):
        order = sorted(found, key=lambda c: (-Fraction(SIGNALS[found[c][0]]), ms(next(x for x in contacts if x["id"] == c)["created_at"]), c))
        if not order:
            return None
        return {"touch_id": touch["id"], "contact_id": order[0], "confidence": number(Fraction(SIGNALS[found[order[0]][0]])),
                "signals": found[order[0]], "others": order[1:11]}

    first = [settle(t, possible(t, lambda s: s != "CAMPAIGN", lookback)) for t in touches]
    served = {m["contact_id"] for m in first if m}
    both = []
    for touch, matched in zip(touches, first):
        if matched is None:
            weak = possible(touch, lambda s: True, min(7, lookback))
            matched = settle(touch, {c: s for c, s in weak.items() if c not in served})
        both.append(matched)
    matched = [m for m in both if m]
    return {"matched": matched, "unmatched": [t["id"] for t, m in zip(touches, both) if m is None],
            "contacts_without": [c["id"] for c in contacts if c["id"] not in {m["contact_id"] for m in matched}]}


def pipeline(request):
    start, end, spend = ms(request["from"]), ms(request["to"]), request.get("ad_spend_cents", 0)
    currency = request["currency"]
    deals, contacts = request.get("deals", []), request.get("contacts", [])

    def reached(history, stage):
        """When a stage or one behind it was reached first."""
        there = [ms(h["at"]) for h in history if h["stage"] in WAY and WAY.index(h["stage"]) >= WAY.index(stage)]
        return min(there, default=None)

    def inside(at):
        return at is not None and start <= at < end

    people = {c["id"]: list(c["reached"]) for c in contacts}
    for deal in deals:
        for contact in deal.get("contact_ids", []):
            people.setdefault(contact, []).extend(deal["reached"])

    def of_people(stage):
        return sum(inside(reached(history, stage)) for history in people.values())

    def of_deals(stage):
        return sum(inside(reached(d["reached"], stage)) for d in deals)

    worth = {"open": 0, "won": 0}
    won = lost = unmapped = other = silent = backwards = 0
    days = []
    for deal in deals:
        if ms(deal["created_at"]) >= end:
            continue
        past = [h for h in deal["reached"] if ms(h["at"]) < end]
        last = max(past, key=lambda h: (ms(h["at"]), h["stage"] != "UNMAPPED", STAGES.index(h["stage"])), default=None)
        if last is None or last["stage"] == "UNMAPPED":
            unmapped += 1
            continue
        if last["stage"] in ("WON", "LOST"):
            if not inside(ms(last["at"])):
                continue
            if last["stage"] == "LOST":
                lost += 1
                continue
            won += 1
            took = Fraction(ms(last["at"]) - ms(deal["created_at"]), 86_400_000)
            if took < 0:
                backwards += 1
            else:
                days.append(took)
        if deal.get("amount_cents") is None:
            silent += 1
        elif deal.get("currency") not in (None, currency):
            other += 1
        else:
            worth["won" if last["stage"] == "WON" else "open"] += deal["amount_cents"]

    def rate(part, whole):
        return number(round_half_away(Fraction(part, whole), 9)) if whole else None

    def cost(of):
        return int(round_half_away(Fraction(spend, of), 0)) if of else None

    leads, mqls, sqls, opportunities = of_people("LEAD"), of_people("MQL"), of_people("SQL"), of_deals("OPPORTUNITY")
    velocity = None
    if days:
        days.sort()
        half = len(days) // 2
        middle = days[half] if len(days) % 2 else (days[half - 1] + days[half]) / 2
        velocity = {"deals": len(days), "mean_days": number(round_half_away(sum(days) / len(days), 9)),
                    "median_days": number(round_half_away(middle, 9))}
    return {
        "leads": leads, "mqls": mqls, "sqls": sqls, "opportunities": opportunities, "proposals": of_deals("PROPOSAL"),
        "negotiations": of_deals("NEGOTIATION"), "deals_won": won, "deals_lost": lost, "ad_spend_cents": spend,
        "pipeline_value_cents": worth["open"], "won_revenue_cents": worth["won"], "pipeline_roas": rate(worth["open"], spend),
        "won_roas": rate(worth["won"], spend), "lead_to_mql_rate": rate(mqls, leads), "mql_to_sql_rate": rate(sqls, mqls),
        "sql_to_opportunity_rate": rate(opportunities, sqls), "opportunity_to_won_rate": rate(won, opportunities),
        "win_rate": rate(won, won + lost), "cost_per_lead_cents": cost(leads), "cost_per_mql_cents": cost(mqls),
        "cost_per_sql_cents": cost(sqls), "velocity": velocity,
        "won_before_created_deals": backwards, "unmapped_deals": unmapped, "other_currency_deals": other,
        "deals_without_amount": silent,
    }
