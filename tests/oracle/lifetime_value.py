"""BG/NBD and Gamma-Gamma by their published formulas in decimals of ninety digits.

Unlike the library this takes the hypergeometric series as published and subtracts: ninety digits leave enough.
"""

from decimal import Decimal, getcontext

from exact import number, q

getcontext().prec = 90
TINY = Decimal(10) ** -80


def dec(value):
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def power(base, exponent):
    return (base.ln() * exponent).exp()


def hyp2f1(a, b, c, z):
    term, total, n = Decimal(1), Decimal(1), 0
    while True:
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        n += 1
        if abs(term) < TINY * abs(total) and n > abs(a):
            return total


def p_alive(model, x, t_x, age):
    r, alpha, a, b = model
    if x == 0:
        return Decimal(1)
    return 1 / (1 + a / (b + x - 1) * power((alpha + age) / (alpha + t_x), r + x))


def expected_new(model, t):
    r, alpha, a, b = model
    if t == 0:
        return Decimal(0)
    z = t / (alpha + t)
    return (a + b - 1) / (a - 1) * (1 - power(alpha / (alpha + t), r) * hyp2f1(r, b, a + b - 1, z))


def expected(model, x, t_x, age, t):
    r, alpha, a, b = model
    if t == 0:
        return Decimal(0)
    later = alpha + age + t
    bracket = 1 - power((alpha + age) / later, r + x) * hyp2f1(r + x, b + x, a + b + x - 1, t / later)
    left = 0 if x == 0 else a / (b + x - 1) * power((alpha + age) / (alpha + t_x), r + x)
    return (a + b + x - 1) / (a - 1) * bracket / (1 + left)


def average(spend, x, m):
    p, q_, v = spend
    weight = p * x / (p * x + q_ - 1)
    return (1 - weight) * v * p / (q_ - 1) + weight * m


def clv(model, spend, customer, months, discount, periods):
    x, t_x, age, m = customer
    total, before = Decimal(0), Decimal(0)
    for month in range(1, months + 1):
        until = expected(model, x, t_x, age, month * periods)
        total += (until - before) / (1 + discount) ** month
        before = until
    return average(spend, x, m) * total


def shown(value):
    """As the library shows it: the nearest double of nine decimals."""
    return number(q(str(value)))
