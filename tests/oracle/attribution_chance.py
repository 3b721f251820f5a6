"""Chance as attribution draws it: the published generator, and the algorithms that are named beside it in the library, written
anew. Weights are exact fractions, rounded once; what the algorithms do in doubles is done in the same doubles.

SplitMix64 (Steele, Lea and Flood 2014); whole numbers below a bound by Lemire (2019); orders by Durstenfeld (1964); Poisson counts
by inversion below a mean of 10, else by transformed rejection (Hoermann 1993, PTRS); quantiles of type 7 (Hyndman and Fan 1996);
sums by Neumaier (1974); the bound of Maurer and Pontil (2009, theorem 4).
"""

import decimal
import math
from fractions import Fraction

import attribution_models as models

MASK = (1 << 64) - 1


class Random:
    def __init__(self, seed):
        self.state = seed

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        mixed = ((self.state ^ (self.state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return mixed ^ (mixed >> 31)

    def unit(self):
        return (self.bits() >> 11) * 2.0**-53

    def below(self, bound):
        threshold = (1 << 64) % bound
        while True:
            product = self.bits() * bound
            if product & MASK >= threshold:
                return product >> 64

    def shuffle(self, items):
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]

    def poisson(self, mean):
        if mean <= 0:
            return 0
        return self.by_inversion(mean) if mean < 10 else self.by_rejection(mean)

    def by_inversion(self, mean):
        left, chance, count = self.unit(), math.exp(-mean), 0
        while left >= chance and count < 200:
            left -= chance
            count += 1
            chance *= mean / count
        return count

    def by_rejection(self, mean):
        b = 0.931 + 2.53 * math.sqrt(mean)
        a = -0.059 + 0.02483 * b
        inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
        squeeze = 0.9277 - 3.6224 / (b - 2)
        while True:
            u, v = self.unit() - 0.5, self.unit()
            us = 0.5 - abs(u)
            k = math.floor((2 * a / us + b) * u + mean + 0.43)
            if us >= 0.07 and v <= squeeze and k >= 0:
                return k
            if k < 0 or (us < 0.013 and v > us):
                continue
            if math.log(v * inverse_alpha / (a / (us * us) + b)) <= k * math.log(mean) - mean - math.lgamma(k + 1):
                return k


def quantile(ordered, share):
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    low = ordered[below]
    high = ordered[below + 1] if below + 1 < len(ordered) else low
    return low + (high - low) * (place - below)


def intervals(request, weigh):
    """Of each channel; the journeys of a path come a Poisson number of times, path by path in the order of their names."""
    settings = request["intervals"]
    paths = models.counts(request["paths"])
    random = Random(settings["seed"])
    names = sorted({channel for path in paths for channel in path})
    drawn = {name: [] for name in names}
    for _ in range(settings["resamples"]):
        resample = {}
        for path in sorted(paths):
            conversions, nulls, _ = paths[path]
            resample[path] = [random.poisson(float(conversions)), random.poisson(float(nulls)), 0]
        for name, weight in weigh(names, resample).items():
            drawn[name].append(float(weight))
    tail = (1 - settings.get("confidence", 0.95)) / 2
    return {name: {"low": quantile(sorted(weights), tail), "high": quantile(sorted(weights), 1 - tail)} for name, weights in drawn.items()}


def with_intervals(answer, found):
    """Channels that no journey touched have none."""
    for channel in answer["channels"]:
        if channel["channel"] in found:
            channel["weight_interval"] = found[channel["channel"]]
    return answer


def markov(request):
    order = request.get("order", 1)

    def weigh(names, paths):
        taken = models.steps(paths, order)
        probability = models.conversion_probability(taken, order)
        if probability == 0:
            return dict.fromkeys(names, Fraction(0))
        effects = {name: 1 - models.conversion_probability(taken, order, name) / probability for name in names}
        total = sum(effects.values())
        return {name: effect / total if total else Fraction(0) for name, effect in effects.items()}

    return with_intervals(models.markov(request), intervals(request, weigh))


def shapley_of_paths(request):
    def weigh(names, paths):
        values = dict.fromkeys(names, Fraction(0))
        for path, (conversions, _, _) in paths.items():
            for name in set(path):
                values[name] += Fraction(conversions, len(set(path)))
        total = sum(values.values())
        return {name: value / total if total else Fraction(0) for name, value in values.items()}

    return with_intervals(models.shapley_of_paths(request), intervals(request, weigh))


class Sum:
    """Neumaier's."""

    def __init__(self):
        self.sum = self.lost = 0.0

    def add(self, term):
        total = self.sum + term
        self.lost += (self.sum - total) + term if abs(self.sum) >= abs(term) else (term - total) + self.sum
        self.sum = total

    def value(self):
        return self.sum + self.lost


def sampled_rates(request):
    """Conversion rates of many channels: what each adds in random orders, and how far that may be from the exact value."""
    sampling = request["sampling"]
    paths = {path: found for path, found in models.counts(request["paths"]).items()}
    unknown = paths.pop((), [0, 0, 0])
    names = sorted({channel for path in paths for channel in path})
    random = Random(sampling["seed"])
    order = list(range(len(names)))
    sums = [(Sum(), Sum()) for _ in names]
    sets = [({names.index(channel) for channel in path}, found[0], found[0] + found[1]) for path, found in paths.items()]
    for _ in range(sampling["orders"]):
        random.shuffle(order)
        place = {player: at for at, player in enumerate(order)}
        joined = [[0, 0] for _ in order]
        for players, conversions, journeys in sets:
            last = max(place[player] for player in players)
            joined[last][0] += conversions
            joined[last][1] += journeys
        before, so_far = 0.0, [0, 0]
        for player, (conversions, journeys) in zip(order, joined):
            so_far = [so_far[0] + conversions, so_far[1] + journeys]
            after = so_far[0] / so_far[1] if so_far[1] else 0.0
            sums[player][0].add(after - before)
            sums[player][1].add((after - before) * (after - before))
            before = after
    count = float(sampling["orders"])
    with decimal.localcontext(prec=60):
        log = float(decimal.Decimal(4.0 * len(names) / (1 - sampling.get("confidence", 0.95))).ln())
    values, bounds = [], []
    for added, squares in sums:
        value = added.value() / count
        variance = max((squares.value() - added.value() * value) / (count - 1), 0.0)
        values.append(Fraction(value))
        # A rate lies from 0 to 1, what a channel adds in a range of 2.
        bounds.append(math.sqrt(2 * variance * log / count) + 7 * 2.0 * log / (3 * (count - 1)))
    total = sum(values)
    worth = sum(found[2] for found in paths.values())
    weights = [value / total if total > 0 else Fraction(0) for value in values]
    cents = models.credits([weight * worth for weight in weights], worth) if total > 0 else [0] * len(names)
    channels = [
        {"channel": name, "shapley_value": float(value), "weight": float(weight), "value_cents": earned, "error_bound": bound}
        for name, value, weight, earned, bound in zip(names, values, weights, cents, bounds)
    ]
    return {"channels": channels, "total": float(total), "unattributed_conversions": unknown[0],
            "unattributed_value_cents": unknown[2] + worth - sum(cents)}
