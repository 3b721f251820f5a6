"""Canonical JSON (RFC 8785) in plain Python: an implementation that shares nothing with the Rust one.

Stricter than the RFC in one thing: a number that would be read back as an integer beyond 2^53 - 1 is refused.

A number is the shortest text that gives the double back (Python's `repr`), laid out as ECMAScript's
Number::toString lays it out; keys are sorted by their UTF-16 code units.
"""

from __future__ import annotations

import math
from typing import Any

MAX_SAFE_INTEGER = 2**53 - 1

SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def write(value: Any) -> str:
    """The canonical text; raises ValueError for what canonical JSON cannot hold."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) > MAX_SAFE_INTEGER:
            raise ValueError(f"{value} does not survive a double")
        return str(value)
    if isinstance(value, float):
        text = number(value)
        if text.lstrip("-").isdigit() and abs(value) > MAX_SAFE_INTEGER:
            raise ValueError(f"{value} would be read back as an unsafe integer")
        return text
    if isinstance(value, str):
        return string(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(write(item) for item in value) + "]"
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{string(key)}:{write(value[key])}" for key in keys) + "}"
    raise ValueError(f"{type(value).__name__} is no JSON")


def number(x: float) -> str:
    """ECMAScript Number::toString of a double (ECMA-262, 6.1.6.1.20)."""
    if not math.isfinite(x):
        raise ValueError("canonical JSON holds finite numbers only")
    if x == 0:
        return "0"
    if x < 0:
        return "-" + number(-x)
    mantissa, _, exponent = repr(x).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # x = 0.digits * 10^point
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    power = point - 1
    rest = "." + digits[1:] if len(digits) > 1 else ""
    return f"{digits[0]}{rest}e{'+' if power > 0 else '-'}{abs(power)}"


def string(text: str) -> str:
    """JSON.stringify's escapes, and nothing else escaped."""
    return '"' + "".join(SHORT_ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'
