"""Attribution that learns, from its definitions in exact fractions: chains solved in rationals, Shapley values by trying every
order in which channels can join."""

import itertools
from fractions import Fraction

START, CONVERSION, NULL = (), "(conversion)", "(null)"


def counts(rows):
    """Journeys by path; rows without a journey count for nothing but what they pay back."""
    merged = {}
    for row in rows:
        conversions, nulls = row.get("conversions", 0), row.get("nulls", 0)
        value = row.get("value_cents", 0)
        if conversions == 0 and value > 0:
            value = 0
        if conversions + nulls == 0 and value == 0:
            continue
        known = merged.setdefault(tuple(row["path"]), [0, 0, 0])
        known[0] += conversions
        known[1] += nulls
        known[2] += value
    return merged


def steps(paths, order):
    """How often each step was taken: {state: {target: count}}; a state is the last `order` channels."""
    found = {}

    def step(state, target, count):
        if count:
            row = found.setdefault(state, {})
            row[target] = row.get(target, 0) + count

    for path, (conversions, nulls, _) in paths.items():
        if not path:
            continue
        state = START
        for channel in path:
            step(state, channel, conversions + nulls)
            state = (state + (channel,))[-order:]
        step(state, CONVERSION, conversions)
        step(state, NULL, nulls)
    return found


def solve(matrix, right):
    """Gauss-Jordan in fractions."""
    size = len(matrix)
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    for column in range(size):
        pivot = next(row for row in range(column, size) if rows[row][column] != 0)
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for row in range(size):
            if row != column and rows[row][column] != 0:
                factor = rows[row][column]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column])]
    return [row[-1] for row in rows]


def conversion_probability(taken, order, removed=None):
    """(I - Q) x = r, with every step onto the removed channel leading to null."""
    if START not in taken:
        return Fraction(0)
    places = {state: place for place, state in enumerate(taken)}
    matrix = [[Fraction(int(a == b)) for b in places] for a in places]
    right = [Fraction(0)] * len(places)
    for state, row in taken.items():
        total = sum(row.values())
        for target, count in row.items():
            if target == CONVERSION:
                right[places[state]] += Fraction(count, total)
            elif target != NULL and target != removed:
                matrix[places[state]][places[(state + (target,))[-order:]]] -= Fraction(count, total)
    return solve(matrix, right)[places[START]]


def credits(shares, value):
    """Whole cents by largest remainder, the cents that are left to the later of equals."""
    sign = -1 if value < 0 else 1
    given = [sign * share // 1 for share in shares]
    left = abs(value) - sum(given)
    by_loss = sorted(range(len(shares)), key=lambda place: (sign * shares[place] % 1, place), reverse=True)
    for place in by_loss[:left]:
        given[place] += 1
    return [sign * int(amount) for amount in given]


def markov_effects(rows, order):
    """P, and the removal effect of each channel that a journey touched."""
    taken = steps(counts(rows), order)
    probability = conversion_probability(taken, order)
    names = sorted({channel for path in counts(rows) for channel in path})
    if probability == 0:
        return taken, probability, {name: Fraction(0) for name in names}
    effects = {name: 1 - conversion_probability(taken, order, name) / probability for name in names}
    return taken, probability, effects


def markov(request):
    order, rows = request.get("order", 1), request["paths"]
    taken, probability, effects = markov_effects(rows, order)
    paths = counts(rows)
    unknown = paths.get((), [0, 0, 0])
    conversions = sum(path[0] for path in paths.values()) - unknown[0]
    value = sum(path[2] for path in paths.values()) - unknown[2]
    total = sum(effects.values())
    weights = {name: effect / total if total else Fraction(0) for name, effect in effects.items()}
    names = sorted({channel for row in rows for channel in row["path"]} - set(weights))
    earned = credits([weight * value for weight in weights.values()], value) if total else [0] * len(weights)
    channels = [
        {"channel": name, "removal_effect": float(effects[name]), "weight": float(weights[name]),
         "conversions": float(weights[name] * conversions), "value_cents": cents}
        for name, cents in zip(weights, earned)
    ] + [{"channel": name, "removal_effect": 0, "weight": 0, "conversions": 0, "value_cents": 0} for name in names]
    return {
        "order": order, "conversion_probability": float(probability), "states": max(len(taken) - 1, 0),
        "transitions": sum(len(row) for row in taken.values()),
        "channels": sorted(channels, key=lambda channel: channel["channel"]),
        "unattributed_conversions": unknown[0],
        "unattributed_value_cents": sum(path[2] for path in paths.values()) - sum(earned),
    }


def shapley(players, worth):
    """The mean of what each player adds, over every order in which they can join. `worth` takes a set."""
    values = dict.fromkeys(players, Fraction(0))
    orders = list(itertools.permutations(players))
    for joined in orders:
        there = frozenset()
        for player in joined:
            values[player] += worth(there | {player}) - worth(there)
            there |= {player}
    return {player: value / len(orders) for player, value in values.items()}


def shapley_of_paths(request):
    """v(S) = conversions of the journeys whose channels are all in S; the value is shared as a game of its own."""
    paths = counts(request["paths"])
    known = {path: path_counts for path, path_counts in paths.items() if path}
    names = sorted({channel for path in known for channel in path})
    games = [shapley(names, lambda players, part=part: Fraction(sum(
        path_counts[part] for path, path_counts in known.items() if players.issuperset(path)))) for part in (0, 2)]
    total = sum(path_counts[0] for path_counts in known.values())
    cents = credits([games[1][name] for name in names], sum(path_counts[2] for path_counts in known.values()))
    channels = [
        {"channel": name, "shapley_value": float(games[0][name]),
         "weight": float(games[0][name] / total) if total else 0, "value_cents": earned}
        for name, earned in zip(names, cents)
    ]
    others = {channel for row in request["paths"] for channel in row["path"]} - set(names)
    channels += [{"channel": name, "shapley_value": 0, "weight": 0, "value_cents": 0} for name in others]
    unknown = paths.get((), [0, 0, 0])
    return {"channels": sorted(channels, key=lambda channel: channel["channel"]), "total": total,
            "unattributed_conversions": unknown[0], "unattributed_value_cents": unknown[2]}


def shapley_of_rates(request):
    """v(S) = conversions over journeys, of the journeys whose channels are all in S."""
    paths = counts(request["paths"])
    known = {path: path_counts for path, path_counts in paths.items() if path}
    names = sorted({channel for path in known for channel in path})

    def rate(players):
        inside = [path_counts for path, path_counts in known.items() if players.issuperset(path)]
        journeys = sum(path_counts[0] + path_counts[1] for path_counts in inside)
        # What a set is worth is handed on as a double.
        return Fraction(sum(path_counts[0] for path_counts in inside) / journeys) if journeys else Fraction(0)

    values = shapley(names, rate)
    total = sum(values.values())
    value = sum(path_counts[2] for path_counts in known.values())
    cents = credits([values[name] / total * value for name in names], value) if total else [0] * len(names)
    return {"channels": [{"channel": name, "shapley_value": float(values[name]), "weight": float(values[name] / total) if total else 0,
                          "value_cents": earned} for name, earned in zip(names, cents)],
            "total": float(total), "unattributed_conversions": 0, "unattributed_value_cents": value - sum(cents)}


def shapley_of_table(request):
    players, worth = request["table"]["players"], request["table"]["values"]

    def of(joined):
        return Fraction(worth[sum(1 << players.index(player) for player in joined)])

    values = shapley(players, of)
    total = sum(values.values())
    return {"channels": [{"channel": player, "shapley_value": float(value), "weight": float(value / total) if total else 0,
                          "value_cents": None} for player, value in values.items()],
            "total": float(total), "unattributed_conversions": 0, "unattributed_value_cents": 0}


def train(request):
    known = {path: found for path, found in counts(request["paths"]).items() if path}
    journeys = sum(found[0] + found[1] for found in known.values())
    conversions = sum(found[0] for found in known.values())
    enough = journeys >= 100 and conversions >= 20
    algorithm, order = request.get("algorithm", "markov"), request.get("order", 1)
    weights, effects = {}, {}
    if enough and algorithm == "markov":
        for channel in markov({"order": order, "paths": request["paths"]})["channels"]:
            if any(channel["channel"] in path for path in counts(request["paths"])):
                weights[channel["channel"]] = channel["weight"]
                effects[channel["channel"]] = channel["removal_effect"]
    elif enough:
        weights = {channel["channel"]: channel["weight"] for channel in shapley_of_paths(request)["channels"]}
    return {"algorithm": algorithm, "order": order if algorithm == "markov" else None,
            "status": "active" if enough else "failed", "failure": None if enough else "insufficient_data",
            "trained_at": request["trained_at"], "journeys": journeys, "conversions": conversions,
            "weights": weights, "removal_effects": effects}


def apply(request):
    """The weights of the channels of the path, made to sum to 1, in equal parts among the touches of each."""
    model, touches = request["model"], [touch["channel"] for touch in request["touches"]]
    weights = {channel: Fraction(model["weights"].get(channel, 0)) for channel in touches}
    total, value = sum(weights.values()), request.get("value_cents", 0)
    if total:
        shares = [weights[channel] / total / touches.count(channel) for channel in touches]
    else:
        shares = [Fraction(1, len(touches))] * len(touches)
    return {"credited_by": "data_driven" if total else "linear", "reason": None if total else "no_weight",
            "touches": [{"weight": float(share), "value_cents": cents}
                        for share, cents in zip(shares, credits([share * value for share in shares], value))]}
