"""Cases of the operations about attribution."""

import random

from attribution import DAY_MS, MODELS, compare, rules, stamp
from operations import case, refused

CHANNELS = ["meta", "google", "email", "direct", "tiktok", "organic"]


def touch(channel, ms, **more):
    return {"channel": channel, "touched_at": stamp(ms), **more}


def journey(touches, at=None, value=None, **more):
    conversion = None if at is None else {"converted_at": stamp(at), "value_cents": value}
    return {"conversion": conversion, "touches": touches, **more}


def drawn(random, journeys, longest=7, instants=60):
    """Journeys of any shape: equal instants, views, touches after the conversion, refunds, none at all."""
    made = []
    for _ in range(journeys):
        at = random.randrange(40 * DAY_MS, 70 * DAY_MS)
        touches = []
        for _ in range(random.randrange(longest + 1)):
            ago = random.randrange(instants) * DAY_MS // 2 + random.randrange(3) * 60_000
            more = {"campaign": random.choice(["spring", "brand"])} if random.random() < 0.5 else {}
            if random.random() < 0.3:
                more["kind"] = "view"
            touches.append(touch(random.choice(CHANNELS), at - ago + 3 * DAY_MS * (random.random() < 0.1), **more, touch_id=f"t{random.randrange(10**6)}"))
        value = random.choice([0, 1, 2, 5, 99, 10_000, 12_345, 7_777_777, -4_999, -1, random.randrange(10**7)])
        more = {"lead_touch": random.randrange(9)} if random.random() < 0.4 else {}
        made.append(journey(touches, None if random.random() < 0.1 else at, value, **more))
    return made


def ladder(n, at=60 * DAY_MS, step=DAY_MS):
    return [touch(CHANNELS[i % len(CHANNELS)], at - (n - i) * step) for i in range(n)]


def fixed():
    at = 60 * DAY_MS
    days = lambda *ago: [touch(CHANNELS[i], at - day * DAY_MS) for i, day in enumerate(ago)]
    yield "no journey at all", {"journeys": []}
    for n in range(1, 9):
        yield f"{n} touches", {"journeys": [journey(ladder(n), at, 10_000)], "details": True}
    yield "touches of 10, 3 and 1 days ago", {"journeys": [journey(days(10, 3, 1), at, 10_000)], "models": ["time_decay"], "details": True}
    yield "touches one half-life apart", {"journeys": [journey(days(21, 14, 7), at, 7_00)], "models": ["time_decay"], "details": True}
    yield "touches of one instant weigh the same", {"journeys": [journey(days(2, 2, 2), at, 10_000)], "models": ["time_decay"], "details": True}
    yield "a touch two years old keeps its place", {"journeys": [journey(days(730, 720), at, 10_000)], "models": ["time_decay"], "details": True}
    yield "a half-life of 30 days", {"journeys": [journey(days(30, 0), at, 9_999)], "models": ["time_decay"], "settings": {"half_life_days": 30}, "details": True}
    for lead in (0, 1, 3, 99):
        yield f"the touch {lead} made the lead", {"journeys": [journey(ladder(5), at, 10_001, lead_touch=lead)], "models": ["w_shaped"], "details": True}
    for value in (1, 3, -10_001):
        yield f"{value} cents among five touches", {"journeys": [journey(ladder(5), at, value)], "details": True}
    yield "a refund takes back what was credited", {"journeys": [journey(ladder(4), at, 10_001), journey(ladder(4), at, -10_001)]}
    yield "no touch led to the conversion", {"journeys": [journey([], at, 500), journey([touch("meta", at + 1)], at, 250)], "details": True}
    yield "nobody converted", {"journeys": [journey(ladder(3))], "details": True}
    yield "a touch at the instant of the conversion counts", {"journeys": [journey([touch("meta", at)], at, 100)]}
    yield "a click stands before a view of the same instant", {
        "journeys": [journey([touch("email", at - 9, kind="view"), touch("meta", at - 9, kind="click")], at, 100)]}
    yield "ids decide between clicks of one instant", {
        "journeys": [journey([touch("email", at - 9, touch_id="b"), touch("meta", at - 9, touch_id="a")], at, 100)]}
    spend = [{"channel": "meta", "spend_cents": 3_000}, {"channel": "google", "spend_cents": 0}, {"channel": "snapchat", "spend_cents": 700}]
    yield "what the channels cost", {"journeys": [journey(ladder(3), at, 10_000)], "spend": spend}
    spend = [{"channel": "meta", "campaign": "spring", "spend_cents": 3_000}]
    yield "what a campaign cost", {
        "journeys": [journey([touch("meta", at - 5, campaign="spring"), touch("meta", at - 4)], at, 999)], "by": "campaign", "spend": spend}
    yield "the largest amount", {"journeys": [journey(ladder(5), at, 2**53 - 1)], "models": ["linear", "position_based", "w_shaped"], "details": True}


def refusals():
    at = 60 * DAY_MS
    return [
        ("everything wrong at once",
         {"models": [], "settings": {"half_life_days": 31}, "spend": [{"channel": " ", "campaign": "x", "spend_cents": -1}],
          "journeys": [journey([touch("", at), touch("x" * 256, at)], at, 2**53)]},
         [("/models", "too_short"), ("/settings/half_life_days", "out_of_range"), ("/spend/0/channel", "too_short"),
          ("/spend/0/spend_cents", "out_of_range"), ("/spend/0/campaign", "not_allowed_here"),
          ("/journeys/0/touches/0/channel", "too_short"), ("/journeys/0/touches/1/channel", "too_long"),
          ("/journeys/0/conversion/value_cents", "amount_too_large")]),
        ("amounts that add up to more than 2^53 - 1",
         {"models": ["linear"], "journeys": [journey([touch("meta", at)], at, 2**53 - 1), journey([touch("google", at)], at, 1)]},
         [("/journeys", "amount_too_large")]),
        ("a model twice, a spend twice",
         {"models": ["linear", "w_shaped", "linear"], "journeys": [],
          "spend": [{"channel": "meta", "spend_cents": 1}, {"channel": "meta", "spend_cents": 2}]},
         [("/models/2", "duplicate"), ("/spend/1", "duplicate")]),
    ]


def rules_cases():
    rng = random.Random(68)
    made = [case(name, request, rules(request)) for name, request in fixed()]
    for number in range(7):
        request = {"journeys": drawn(rng, 5), "by": rng.choice(["channel", "campaign"]), "details": number % 4 == 0}
        request["settings"] = {"half_life_days": rng.choice([1, 2.5, 7, 14, 30])}
        request["models"] = sorted(rng.sample(MODELS, rng.randrange(2, 7)))
        made.append(case(f"drawn {number}", request, rules(request)))
    return made + [refused(name, request, *problems) for name, request, problems in refusals()]


def compare_cases():
    rng = random.Random(69)
    made = [case("no journey at all", {"journeys": []}, compare({"journeys": []}))]
    for number in range(10):
        request = {"journeys": drawn(rng, 5), "by": rng.choice(["channel", "campaign"]), "baseline": rng.choice(MODELS)}
        made.append(case(f"drawn {number}", request, compare(request)))
    request = {"journeys": drawn(rng, 4), "models": ["linear", "last_touch"]}
    made.append(case("two models against the last touch", request, compare(request)))
    return made + [refused("the baseline is none of the models", {"models": ["linear"], "journeys": []}, ("/baseline", "unknown_value"))]
