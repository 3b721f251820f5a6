"""Cases of delivery.classify: the class comes from the answers of cdp/delivery-answers.json, what follows from a class from domain.md 11.3."""

import json
import pathlib

from operations import case, refused

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
