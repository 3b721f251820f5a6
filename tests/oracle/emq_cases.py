"""Cases of emq.event and emq.platform: the specification's section 3 in exact fractions."""

from exact import lerp, number, q, round_half_away
from operations import at, case, refused

IDENTIFIERS = {"email": 60, "phone": 50, "external_id": 30, "device_id": 20, "anonymous_id": 10}
VALUES = {
    "email": "ada@lovelace.dev", "phone": "+4915112345678", "external_id": "crm-42",
    "device_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "anonymous_id": "anon-7f3a",
}
# Required and recommended properties.
SCHEMAS = {
    "PageView": (["page_url"], ["page_title", "referrer"]),
    "ProductViewed": (["product_id"], ["product_name", "price"]),
    "AddToCart": (["product_id", "quantity"], ["price", "currency"]),
    "RemoveFromCart": (["product_id"], ["quantity"]),
    "CheckoutStarted": (["cart_total"], ["item_count", "currency"]),
    "Purchase": (["order_id", "total", "currency"], ["items"]),
    "SignUp": ([], ["method"]),
    "Login": ([], ["method"]),
    "FormSubmitted": (["form_id"], ["form_name"]),
    "NewsletterSubscribed": ([], ["list_id"]),
    "Lead": ([], ["value", "currency"]),
    "Search": (["search_string"], []),
}
SAMPLE = {
    "page_url": "https://shop.example/p", "page_title": "P", "referrer": "https://news.example", "product_id": "sku-1",
    "product_name": "Boots", "price": 49.5, "quantity": 2, "currency": "EUR", "cart_total": 99, "item_count": 2,
    "order_id": "o-1", "total": 99, "items": [{"id": "sku-1"}], "method": "email", "form_id": "f", "form_name": "F",
    "list_id": "weekly", "value": 10, "search_string": "boots",
}
FULL_CONTEXT = {
    "user_agent": "Mozilla/5.0", "ip": "203.0.113.7", "campaign": {"source": "newsletter"},
    "page": {"url": "https://shop.example/p"},
}
BANDS = [(80, "EXCELLENT"), (60, "GOOD"), (40, "FAIR"), (0, "POOR")]


def share(names, present):
    return q(1) if not names else q(sum(n in present for n in names)) / len(names)


def factors(kinds, name, present, latency_s, context, any_property=True):
    clicks = "click_ids" in context
    identity = min(q(100), sum(q(IDENTIFIERS[k]) for k in kinds) + (20 if clicks else 0))
    if name in SCHEMAS:
        required, recommended = SCHEMAS[name]
        complete = 70 * share(required, present) + 30 * share(recommended, present)
    else:
        complete = q(100) if any_property else q(40)
    timely = q(100) if latency_s < 0 else lerp([(300, 100), (3600, 50), (86400, 0)], latency_s)
    rich = q(0)
    rich += 30 if "user_agent" in context else 0
    rich += 30 if "ip" in context else 0
    rich += 25 if "campaign" in context or clicks else 0
    rich += 15 if "page" in context else 0
    return identity, complete, timely, rich


def event(title, kinds=("email",), name="Purchase", properties=None, latency_s=10, context=None, present=None,
          any_property=True):
    context = FULL_CONTEXT if context is None else context
    if properties is None:
        properties = {n: SAMPLE[n] for n in SCHEMAS.get(name, ([], []))[0] + SCHEMAS.get(name, ([], []))[1]}
    present = set(properties) if present is None else set(present)
    parts = factors(kinds, name, present, q(latency_s), context, any_property)
    score = round_half_away(sum(w * p for w, p in zip((40, 25, 20, 15), parts)) / 100)
    body = {
        "event_name": name, "event_time": at(int(q(latency_s) * 1000)), "properties": properties, "context": context,
        "identifiers": [{"type": k, "value": VALUES[k]} for k in kinds],
    }
    expect = {
        "score": number(score),
        "band": next(band for limit, band in BANDS if score >= limit),
        "factors": dict(zip(("identifier_quality", "data_completeness", "timeliness", "context_richness"),
                            map(number, parts))),
    }
    return case(title, {"event": body, "received_at": at(0)}, expect)


def event_cases():
    bare = {}
    rows = [
        event("the worked 88", ("email", "anonymous_id")),
        event("the worked 64", ("anonymous_id",), "PageView"),
        event("the worked 4", ("anonymous_id",), "PageView", properties={}, latency_s=86400, context=bare),
    ]
    for kinds in (("email",), ("phone",), ("external_id",), ("device_id",), ("anonymous_id",), ("email", "phone"),
                  ("email", "external_id"), ("phone", "external_id", "device_id"), tuple(IDENTIFIERS)):
        rows.append(event(f"identifiers: {', '.join(kinds)}", kinds))
    for name, (required, recommended) in SCHEMAS.items():
        rows.append(event(f"{name}: everything", name=name))
        rows.append(event(f"{name}: required only", name=name, properties={n: SAMPLE[n] for n in required},
                          context={"user_agent": "x"}))
        rows.append(event(f"{name}: nothing", name=name, properties={}, context={"user_agent": "x"}))
    rows.append(event("an event of the tenant's own with a property", name="BoxOpened", properties={"size": "L"}))
    rows.append(event("an event of the tenant's own without", name="BoxOpened", properties={}, any_property=False))
    rows.append(event("null, empty and not positive are absent", properties={
        "order_id": "", "total": 0, "currency": None, "items": [1]}, present={"items"}))
    rows.append(event("total_cents stands for total", properties={
        "order_id": "o", "total_cents": 9900, "currency": "EUR", "items": [1]},
        present={"order_id", "total", "currency", "items"}))
    for seconds in (0, 299, 300, 301, 1950, 3600, 45000, 86399, 86400, 200000, -1, -300):
        rows.append(event(f"{seconds} seconds old", latency_s=seconds))
    for keys in (("user_agent",), ("ip",), ("campaign",), ("page",), ("user_agent", "ip"), ("campaign", "page")):
        rows.append(event(f"context: {', '.join(keys)}", context={k: FULL_CONTEXT[k] for k in keys}))
    rows.append(event("a click id counts twice: identifier and campaign", context={"click_ids": {"gclid": "abc"}}))
    good = rows[0]["request"]
    broken = lambda **changes: {**good, "event": {**good["event"], **changes}}
    rows += [
        refused("more than five minutes ahead", broken(event_time=at(-300_001)),
                ("/event/event_time", "event_time_in_future")),
        refused("no identifier survives", broken(identifiers=[{"type": "email", "value": "no address"}]),
                ("/event/identifiers", "no_valid_identifier")),
    ]
    return rows


DRIVERS = {"EVENT_MATCH_RATE": 30, "PIXEL_COVERAGE": 25, "CONVERSION_LATENCY": 20, "ATTRIBUTION_ACCURACY": 15,
           "DATA_FRESHNESS": 10}
LIMITS = {"EVENT_MATCH_RATE": (85, 70), "PIXEL_COVERAGE": (90, 75), "CONVERSION_LATENCY": (70, 40),
          "ATTRIBUTION_ACCURACY": (80, 60), "DATA_FRESHNESS": (80, 50)}


def values(m):
    top = max(m.get("events_browser", 0), m.get("events_server", 0))
    covered = [q(m[a]) / m[b] for a, b in (("pages_with_pixel", "pages_total"),
                                           ("event_kinds_configured", "event_kinds_expected")) if a in m and b in m]
    variances = [q(m[k]) for k in ("conversion_variance_frac", "revenue_variance_frac") if k in m]
    hours, age = m.get("conversion_latency_hours"), m.get("data_age_hours")
    return {
        "EVENT_MATCH_RATE": q(m["events_matched"]) * 100 / top if "events_matched" in m and top else None,
        "PIXEL_COVERAGE": 100 * sum(covered) / len(covered) if covered else None,
        "CONVERSION_LATENCY": None if hours is None else lerp([(0, 100), (1, 90), (4, 70), (12, 40), (24, 0)], hours),
        "ATTRIBUTION_ACCURACY": max(q(0), 100 - 200 * sum(variances) / len(variances)) if variances else None,
        "DATA_FRESHNESS": None if age is None else lerp([(1, 100), (6, 80), (24, 40), (48, 0)], age),
    }


def platform(title, **m):
    got = {k: None if v is None else round_half_away(min(q(100), v)) for k, v in values(m).items()}
    score = round_half_away(sum(DRIVERS[k] * (v or 0) for k, v in got.items()) / 100)
    drivers = []
    for name, value in got.items():
        good, warning = LIMITS[name]
        status = "CRITICAL" if value is None or value < warning else "GOOD" if value >= good else "WARNING"
        drivers.append({"name": name, "value": number(value), "weight": float(DRIVERS[name]), "status": status})
    band = "RELIABLE" if score >= 80 else "DIRECTIONAL" if score >= 60 else "UNSAFE"
    return case(title, {"measurements": m}, {"score": number(score), "confidence_band": band, "drivers": drivers})


def platform_cases():
    perfect = {"events_browser": 100, "events_server": 100, "events_matched": 100, "pages_total": 10,
               "pages_with_pixel": 10, "conversion_latency_hours": 0, "revenue_variance_frac": 0, "data_age_hours": 0}
    without = lambda *names: {k: v for k, v in perfect.items() if k not in names}
    rows = [platform("nothing measured"), platform("everything perfect", **perfect)]
    for matched in (85, 84, 70, 69, 0):
        rows.append(platform(f"match rate {matched}", **{**perfect, "events_matched": matched}))
    for pages in (9, 8, 7):
        rows.append(platform(f"{pages} of 10 pages", **{**perfect, "pages_with_pixel": pages}))
    rows.append(platform("pages and kinds of events", **perfect, event_kinds_expected=8, event_kinds_configured=5))
    for hours in (1, 4, 4.5, 12, 12.5, 24, 30):
        rows.append(platform(f"conversions after {hours} hours", **{**perfect, "conversion_latency_hours": hours}))
    for variance in (0.1, 0.1001, 0.2, 0.35, 0.6):
        rows.append(platform(f"revenue {variance} apart", **{**perfect, "revenue_variance_frac": variance}))
    rows.append(platform("both variances", **perfect, conversion_variance_frac=0.3))
    for hours in (1, 6, 7, 24, 48, 60):
        rows.append(platform(f"data {hours} hours old", **{**perfect, "data_age_hours": hours}))
    for names in (("events_matched",), ("pages_total",), ("conversion_latency_hours",), ("revenue_variance_frac",),
                  ("data_age_hours",)):
        rows.append(platform(f"{names[0]} not measured", **without(*names)))
    rows += [
        refused("weights that do not add up",
                {"measurements": {}, "weights": {k: 10 for k in DRIVERS}}, ("/weights", "weights_sum")),
    ]
    return rows
