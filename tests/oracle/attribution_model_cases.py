"""Cases of attribution.markov, attribution.shapley, attribution.data_driven and attribution.apply."""

import attribution_models as models
from operations import case, refused

CHANNELS = ["direct", "display", "email", "google", "meta", "tiktok"]


def row(path, conversions=0, nulls=0, value_cents=0):
    return {"path": path.split(), "conversions": conversions, "nulls": nulls, "value_cents": value_cents}


def drawn(seed, count, channels, longest):
    """Paths from a linear congruential generator (Lehmer 1951, 48271)."""
    rows, state = [], seed
    for _ in range(count):
        draws = []
        for _ in range(longest + 4):
            state = state * 48_271 % 2_147_483_647
            draws.append(state >> 8)
        path = [CHANNELS[draw % channels] for draw in draws[: 1 + draws[-1] % longest]]
        conversions = draws[-2] % 5
        rows.append({"path": path, "conversions": conversions, "nulls": draws[-3] % 9,
                     "value_cents": conversions * (draws[-4] % 20_000)})
    return rows


def markov_case(name, paths, order=None):
    request = {"paths": paths} if order is None else {"order": order, "paths": paths}
    return case(name, request, models.markov(request))


def markov_cases():
    textbook = [row("a", 1), row("a b", 1), row("b", 0, 1)]
    found = [
        markov_case("a_third_of_the_journeys_ends_in_nothing", textbook),
        markov_case("no_order_is_order_one", [row("meta google", 3, 1, 100_01), row("google", 1, 5, 7)]),
        markov_case("no_journey_no_channel", []),
        markov_case("no_conversion_no_weight", [row("a b", 0, 4), row("c", 0, 2)]),
        markov_case("nothing_but_conversions", [row("a b", 2, 0, 20_00), row("b", 1, 0, 10_00)]),
        markov_case("steps_to_where_one_is", [row("a a a b", 5, 2, 50_00), row("b b", 1, 3, 9_00)]),
        markov_case("round_and_round", [row("a b a b a c", 3, 3, 30_00), row("c a", 1, 9, 7_00), row("b c b", 4, 1, 41_00)]),
        markov_case("hardly_ever_an_end", [row("a b a b a b a b a", 0, 1_000_000_000_000), row("a", 1)]),
        markov_case("a_row_without_a_journey_counts_for_nothing", [*textbook, row("z", 0, 0, 5)]),
        markov_case("the_same_path_twice", [row("a b", 1, 0, 3), row("a b", 2, 5, 4), row("b", 1)]),
        markov_case("touches_that_are_not_known", [*textbook, row("", 2, 7, 12_34)]),
        markov_case("the_last_cent_goes_to_the_later_of_equals", [row("a b c", 1, 0, 1_00)]),
        markov_case("money_that_was_paid_back", [row("a b c", 2, 1, -1_00), row("b", 1, 0, 50)]),
    ]
    for order in (2, 3, 4):
        found.append(markov_case(f"textbook_of_order_{order}", textbook, order))
        found.append(markov_case(f"longer_than_order_{order}", [row("a b a b a c", 3, 3, 30_00), row("c a", 1, 9, 7_00), row("b c b", 4, 1, 41_00)], order))
    for seed, (order, count, channels, longest) in enumerate([
        (1, 12, 3, 6), (1, 40, 6, 9), (2, 12, 3, 5), (2, 30, 5, 7), (3, 14, 3, 6), (3, 20, 4, 7), (4, 10, 3, 8), (4, 16, 4, 6),
    ]):
        found.append(markov_case(f"drawn_{seed}_of_order_{order}", drawn(seed + 11, count, channels, longest), order))
    found += [
        refused("an_order_above_four", {"order": 5, "paths": []}, ("/order", "out_of_range")),
        refused("an_order_of_nothing_and_a_channel_without_a_name",
                {"order": 0, "paths": [row("a", 1), {"path": ["a", ""], "conversions": 1}]},
                ("/order", "out_of_range"), ("/paths/1/path/1", "empty_channel")),
        refused("more_money_than_a_number_holds",
                {"paths": [{"path": ["a"], "conversions": 1, "value_cents": 9_007_199_254_740_991},
                           {"path": ["b"], "conversions": 1, "value_cents": 9_007_199_254_740_991}]},
                ("/paths", "amount_too_large")),
        refused("fields_that_are_not_known", {"paths": [], "model": "markov"}, ("/model", "invalid_value")),
    ]
    return found
