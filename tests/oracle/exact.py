"""Exact arithmetic for the oracles: fractions in, the nearest double out. No code of Stratum is used here."""

from fractions import Fraction


def q(value):
    """A number as it is written in the case, exactly: 0.1 is one tenth, not the double next to it."""
    return value if isinstance(value, Fraction) else Fraction(str(value))


def round_half_away(value, decimals=9):
    scaled = q(value) * 10**decimals
    magnitude = abs(scaled)
    whole = (magnitude * 2 + 1) // 2
    return Fraction(whole if scaled >= 0 else -whole, 10**decimals)


def number(value):
    """The double nearest to a value rounded to nine decimals; None stays None."""
    return None if value is None else float(round_half_away(value))


def lerp(points, x):
    points = [(q(a), q(b)) for a, b in points]
    x = q(x)
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x <= x1:
            return y0 + (x - x0) * (y1 - y0) / (x1 - x0)
    return points[-1][1]


def clamp(value, low=0, high=100):
    return max(q(low), min(q(high), q(value)))
