"""Cases of delivery.*: the classes come from cdp/delivery-answers.json, what follows from a class from domain.md 11.3."""

import datetime
import itertools
import json
import math
import pathlib
from fractions import Fraction

from operations import case, refused

START = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)

ANSWERS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "cdp" / "delivery-answers.json"

# What becomes of the connection, why it was not delivered, and whether the circuit breaker counts it.
FOLLOWS = {
    "delivered": (None, None, False), "partial": (None, "VALIDATION_ERROR", False), "retry": (None, "PLATFORM_ERROR", True),
    "throttled": (None, "RATE_LIMITED", True), "auth_expired": ("EXPIRED", "AUTH_ERROR", False),
    "invalid_event": (None, "VALIDATION_ERROR", False), "invalid_config": ("ERROR", "CONFIG_ERROR", False),
    "permanent": (None, "UNKNOWN", False),
}


def following(kind):
    connection, failure, breaker = FOLLOWS[kind]
    return {"class": kind, "connection_status": connection, "failure": failure, "breaker_failure": breaker}


def answers():
    content = json.loads(ANSWERS.read_text())
    for row in content["cases"]:
        expect = row["expect"]
        found = following(expect["class"]) | {
            "retry_after_s": expect.get("retry_after_s"), "failed_items": expect.get("failed_items", []),
        }
        if row["id"] == "google-16":  # Still at it: that is no failure.
            found |= {"failure": None, "breaker_failure": False, "next": "ask_again"}
        request = {key: row[key] for key in ("platform", "call", "request_items", "response")}
        yield case(f"{row['id']}: {row['title']}", request, found)


def by_status(status):
    named = {401: "auth_expired", 403: "invalid_config", 408: "retry", 413: "invalid_event", 425: "retry", 429: "throttled"}
    return named.get(status, "permanent" if 400 <= status < 500 else "retry")


def cases():
    found = list(answers())
    for number, status in enumerate((200, 204, 302, 400, 401, 403, 404, 408, 413, 425, 429, 500, 503, 599)):
        platform = ["META", "GOOGLE", "TIKTOK", "SNAPCHAT"][number % 4]
        for body in ("", "<html>", {}, [1], {"unknown": 1}):
            request = {"platform": platform, "call": ["conversions", "audience"][number % 2], "response": {"status": status, "body": body}}
            found.append(case(f"{platform} {status} with a body of {body!r}, which says nothing", request,
                              following(by_status(status)) | {"failed_items": [], "platform_code": None}))
    for error in ("timeout", "connection", "dns", "tls"):
        request = {"platform": "META", "call": "conversions", "network_error": error}
        failure = "TIMEOUT" if error == "timeout" else "NETWORK_ERROR"
        found.append(case(f"no answer: {error}", request, following("retry") | {"failure": failure, "next": "retry"}))

    # What to do with several rows of which something is wrong.
    def google(*fields):
        rows = [{"field": field, "reason": "INVALID_SHA256_FORMAT"} for field in fields]
        detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": rows}
        return {"status": 400, "body": {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [detail]}}}

    for name, items, response, failed, step in (
        ("all rows named", 2, google("events.events[0].a", "events.events[1].b"), [0, 1], "dead_letter"),
        ("some rows named, one twice, out of order", 3, google("events.events[2].a", "events.events[0].b", "events.events[2].c"), [0, 2], "resend_others"),
        ("no row named", 3, google("something"), [], "halve"),
        ("the only row", 1, google("something"), [], "dead_letter"),
        ("a place beyond the request", 2, google("events.events[7].a"), [], "halve"),
        ("too large", 4, {"status": 413}, [], "halve"),
    ):
        request = {"platform": "GOOGLE", "call": "conversions", "request_items": items, "response": response}
        found.append(case(f"a refused request, {name}", request, following("invalid_event") | {"failed_items": failed, "next": step}))
    # Google's older upload: what it took, what a later try may cure, what none can.
    def uploaded(name, items, partial, expect):
        body = {"partialFailureError": partial, "results": [{}] * items}
        request = {"platform": "GOOGLE", "call": "uploadClickConversions", "request_items": items, "response": {"status": 200, "body": body}}
        found.append(case(f"a click upload, {name}", request, expect))

    def failure(*errors):
        rows = [{"errorCode": {kind: word}, "location": {"fieldPathElements": [{"fieldName": "conversions", "index": place}]}}
                for place, kind, word in errors]
        return {"code": 3, "message": "x", "details": [{"errors": rows}]}

    early, late = "TOO_RECENT_EVENT", "EXPIRED_EVENT"
    for name, partial in (("without details", {"code": 3, "message": "x"}), ("with empty details", {"code": 3, "details": []}),
                          ("with details that nobody can read", {"code": 3, "details": ["?", {"errors": 7}]})):
        uploaded(f"partly failed {name}", 3, partial, following("partial") | {"failed_items": [], "failed_count": None, "next": "count_failed"})
        uploaded(f"of one conversion, failed {name}", 1, partial, following("invalid_event") | {"failed_items": [], "next": "dead_letter"})
    there = [(place, "conversionUploadError", "CLICK_CONVERSION_ALREADY_EXISTS") for place in range(2)]
    uploaded("all there already", 2, failure(*there), following("delivered") | {"failed_items": [], "retry_items": [], "next": "done"})
    uploaded("one too old, three to be sent again", 5, failure(
        (3, "conversionUploadError", early), (0, "conversionUploadError", late), (1, "internalError", "INTERNAL_ERROR"),
        (2, "conversionUploadError", "INVALID_CONVERSION_ACTION")),
        following("partial") | {"failed_items": [0, 1, 2, 3], "retry_items": [1, 2, 3], "next": "set_failed_aside", "connection_status": "ERROR"})
    # What is wrong with the connection is told whatever else was taken (domain.md 11.3: invalid_config, connection `error`).
    for kind, word, connection in (("conversionUploadError", "INVALID_CONVERSION_ACTION", "ERROR"), ("authorizationError", "USER_PERMISSION_DENIED", "ERROR"),
                                   ("authenticationError", "OAUTH_TOKEN_EXPIRED", "EXPIRED"), ("conversionUploadError", late, None),
                                   ("internalError", "INTERNAL_ERROR", None)):
        uploaded(f"one of three failed for {word}", 3, failure((1, kind, word)), following("partial") | {"failed_items": [1], "connection_status": connection})
    for word, connection in (("DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED", "ERROR"), ("INVALID_EVENT", None), ("INTERNAL_ERROR", None)):
        status = {"requestStatus": "PARTIAL_SUCCESS", "errorInfo": {"errorCounts": [
            {"recordCount": "1", "reason": f"PROCESSING_ERROR_REASON_{word}"}, {"recordCount": "2", "reason": "PROCESSING_ERROR_REASON_INVALID_GCLID"}]}}
        request = {"platform": "GOOGLE", "call": "requestStatus:retrieve", "request_items": 9,
                   "response": {"status": 200, "body": {"requestStatusPerDestination": [status]}}}
        found.append(case(f"some events were not processed for {word}", request, following("partial") | {"failed_count": 3, "connection_status": connection}))
    uploaded("one too early, one too old, no other", 2, failure((0, "conversionUploadError", early), (1, "conversionUploadError", late)),
             following("invalid_event") | {"failed_items": [0, 1], "retry_items": [0], "next": "set_failed_aside"})
    typed = {"status": 400, "body": {"error": {"status": "INVALID_ARGUMENT", "details": [
        {"fieldViolations": [{"field": "x", "reason": "who@example.com"}]}]}}}
    found.append(case("what somebody typed is no code", {"platform": "GOOGLE", "call": "conversions", "response": typed},
                      {"class": "invalid_event", "platform_code": None}))

    plain = {"platform": "META", "call": "conversions"}
    found.append(refused("neither answer nor error", plain, ("", "missing")))
    found.append(refused("both, of a request of nothing, with a status that is none",
                         plain | {"request_items": 0, "response": {"status": 600}, "network_error": "timeout"},
                         ("/request_items", "out_of_range"), ("/response/status", "out_of_range"), ("/network_error", "conflict")))
    found.append(refused("a call that no platform has", plain | {"call": "campaigns", "response": {"status": 200}}, ("/call", "unknown_value")))
    found.append(refused("a field that is none", plain | {"response": {"status": 200, "text": ""}}, ("/response/text", "unknown_field")))
    return found


def rounded(value):
    """Half away from zero; nothing here is negative."""
    return int(value + Fraction(1, 2))


def millis(number):
    instant = START + datetime.timedelta(milliseconds=number)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def advice(request):
    """The rules of domain.md 11.3, in fractions."""
    kind, attempt = request["class"], request["attempt"]
    queued, now = request["queued"], request["at"]
    week = 7 * 86_400_000
    nothing = {"wait_ms": None, "retry_at": None, "keep_until": None, "connection_status": None}
    if kind in ("delivered", "partial"):
        return {"status": "DELIVERED", "dead_letter": False, **nothing}
    if kind in ("invalid_event", "permanent"):
        return {"status": "FAILED", "dead_letter": True, **nothing}
    if kind in ("auth_expired", "invalid_config"):
        connection = "EXPIRED" if kind == "auth_expired" else "ERROR"
        waits = now - queued < week
        return nothing | {"status": "RETRYING" if waits else "DEAD", "dead_letter": not waits, "connection_status": connection,
                          "keep_until": millis(queued + week) if waits else None}
    if attempt >= 5:
        return {"status": "DEAD", "dead_letter": True, **nothing}
    if request["after"] is not None:
        wait = 1000 * min(request["after"], 300)
    else:
        wait = rounded(Fraction(request["random"]) * 1000 * min(60, 2 ** (attempt - 1)))
    return nothing | {"status": "RETRYING", "dead_letter": False, "wait_ms": wait, "retry_at": millis(now + wait)}


def retry_cases():
    found = []
    waits = ((0.0, None), (0.3, None), (0.123456789, None), (1.0, None), (0.5, 7), (0.5, 4000))
    times = ((0, 5000), (0, 7 * 86_400_000 - 1), (0, 7 * 86_400_000), (9000, 0))
    for number, (kind, attempt, (random, after), (queued, now)) in enumerate(itertools.product(FOLLOWS, range(1, 6), waits, times)):
        # The times matter where something waits for its connection, the draws where it is sent again.
        if number % (2 if kind in ("retry", "throttled") else 7):
            continue
        plain = {"class": kind, "attempt": attempt, "random": random, "after": after, "queued": queued, "at": now}
        request = {"class": kind, "attempt": attempt, "random": random, "queued_at": millis(queued), "now": millis(now)}
        if after is not None:
            request["retry_after_s"] = after
        name = f"{kind}, attempt {attempt}, draw {random}, after {after}, at {now} ms, queued at {queued}"
        found.append(case(name, request, advice(plain)))
    good = {"class": "retry", "attempt": 1, "random": 0.5, "queued_at": millis(0), "now": millis(0)}
    found.append(refused("a sixth attempt, a draw beyond 1", good | {"attempt": 6, "random": 1.5},
                         ("/attempt", "out_of_range"), ("/random", "out_of_range")))
    found.append(refused("no attempt, a draw below 0", good | {"attempt": 0, "random": -0.1},
                         ("/attempt", "out_of_range"), ("/random", "out_of_range")))
    return found


class Bucket:
    """A bucket in fractions of a token."""

    def __init__(self, capacity, rate, at):
        self.capacity, self.rate, self.level, self.at = capacity, rate, Fraction(capacity), at

    def wire(self):
        return {"available_milli": int(self.level * 1000), "as_of": millis(self.at)}

    def step(self, tokens, now, pause=None):
        self.at = min(self.at, now + 300_000)
        self.level = min(Fraction(self.capacity), self.level + Fraction(self.rate * max(0, now - self.at), 1000))
        self.at = max(self.at, now)
        if pause is not None:
            self.level = Fraction(0)
            self.at = max(self.at, now + 1000 * min(pause, 300))
        part = min(tokens, self.capacity)
        granted = part if self.level >= part else 0
        self.level -= granted
        rest = tokens - granted
        ready = None
        if rest:
            missing = min(rest, self.capacity) - self.level
            ready = self.at + max(0, math.ceil(missing * 1000 / self.rate))
        return {"granted": granted, "rest": rest, "retry_at": None if ready is None else millis(ready),
                "wait_ms": 0 if ready is None else max(0, ready - now), "state": self.wire()}


def draws(seed):
    state = seed
    while True:
        state = state * 48_271 % 2_147_483_647
        yield state >> 7


def bucket_cases():
    found = []
    for seed in range(1, 25):
        draw = draws(seed * 7919)
        policy = [None, {"capacity": 7, "per_second": 3}, {"capacity": 1000, "per_second": 1}][seed % 3]
        limits = policy or {"capacity": 100, "per_second": 10}
        bucket, now, state = None, 0, None
        for step in range(6):
            now += next(draw) % 9_000 if next(draw) % 6 else -(next(draw) % 400_000)
            tokens, pause = next(draw) % (limits["capacity"] * 2), next(draw) % 400 if next(draw) % 7 == 0 else None
            request = {"tokens": tokens, "now": millis(now)}
            request |= {} if policy is None else {"policy": policy}
            request |= {} if state is None else {"state": state}
            request |= {} if pause is None else {"pause_s": pause}
            bucket = bucket or Bucket(limits["capacity"], limits["per_second"], now)
            expect = bucket.step(tokens, now, pause)
            state = expect["state"]
            found.append(case(f"bucket {seed}, step {step}", request, expect))
    found.append(refused("limits that are none", {"policy": {"capacity": 0, "per_second": 1_000_001}, "tokens": 1, "now": millis(0)},
                         ("/policy/capacity", "out_of_range"), ("/policy/per_second", "out_of_range")))
    return found


def breaker(policy, state, event, now):
    """One step of the breaker of domain.md 11.3; a state is a dict as on the wire, instants in milliseconds."""
    state = dict(state)
    if "until" in state:
        state["until"] = min(state["until"], now + policy["open_ms"])
    name = state["state"]
    if event == "ask":
        if name == "closed":
            return True, None, state
        if name == "open":
            if now < state["until"]:
                return False, state["until"], state
            return True, None, {"state": "half_open", "admitted": 1, "succeeded": 0, "until": now + policy["open_ms"]}
        if state["admitted"] < policy["trials"]:
            return True, None, state | {"admitted": state["admitted"] + 1, "until": now + policy["open_ms"]}
        if now < state["until"]:
            return False, state["until"], state
        return True, None, state | {"admitted": state["succeeded"] + 1, "until": now + policy["open_ms"]}
    opened = {"state": "open", "until": now + policy["open_ms"]}
    if name == "closed":
        failures = state["failures"] + 1 if event == "failure" else 0
        return None, None, opened if failures >= policy["failures"] else {"state": "closed", "failures": failures}
    if name == "half_open":
        if event == "failure":
            return None, None, opened
        succeeded = min(state["admitted"], state["succeeded"] + 1)
        if succeeded >= policy["trials"]:
            return None, None, {"state": "closed", "failures": 0}
        return None, None, state | {"succeeded": succeeded}
    return None, None, state


def breaker_cases():
    def wire(state):
        return {key: millis(value) if key == "until" else value for key, value in state.items()}

    found = []
    default = {"failures": 5, "open_ms": 60_000, "trials": 3}
    for seed in range(1, 17):
        draw = draws(seed * 104_729)
        own = [None, {"failures": 2, "open_ms": 10_000, "trials": 1}][seed % 2]
        state, now = {"state": "closed", "failures": 0}, 0
        for step in range(14):
            now += next(draw) % 15_000 if next(draw) % 8 else -(next(draw) % 100_000)
            event = ["ask", "failure", "failure", "success"][next(draw) % (3 if step < 7 else 4)]
            request = {"state": wire(state), "event": event, "now": millis(now)} | ({} if own is None else {"policy": own})
            allowed, retry_at, state = breaker(own or default, state, event, now)
            found.append(case(f"breaker {seed}, step {step}: {event}", request, {
                "allowed": allowed, "retry_at": None if retry_at is None else millis(retry_at), "state": wire(state)}))
    for step, (state, now) in enumerate((
        ({"state": "open", "until": 0}, 0), ({"state": "half_open", "admitted": 3, "succeeded": 2, "until": 5}, 5),
        ({"state": "half_open", "admitted": 3, "succeeded": 2, "until": 6}, 5), ({"state": "open", "until": 10**10}, 0),
    )):
        allowed, retry_at, after = breaker(default, state, "ask", now)
        found.append(case(f"an edge, {step}", {"state": wire(state), "event": "ask", "now": millis(now)}, {
            "allowed": allowed, "retry_at": None if retry_at is None else millis(retry_at), "state": wire(after)}))
    found.append(case("a breaker that nobody knows is closed", {"event": "ask", "now": millis(0)},
                      {"allowed": True, "retry_at": None, "state": {"state": "closed", "failures": 0}}))
    found.append(refused("limits and a state that are none", {
        "policy": {"failures": 0, "open_ms": 3_600_001, "trials": 101}, "event": "ask", "now": millis(0),
        "state": {"state": "half_open", "admitted": 1, "succeeded": 2, "until": millis(0)},
    }, ("/policy/failures", "out_of_range"), ("/policy/open_ms", "out_of_range"), ("/policy/trials", "out_of_range"),
        ("/state/succeeded", "out_of_range")))
    return found
