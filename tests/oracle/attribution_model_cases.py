"""Cases of attribution.markov, attribution.shapley, attribution.data_driven and attribution.apply."""

import attribution_chance as chance
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
        markov_case("a_refund_takes_value_back_and_is_no_journey", [*textbook, row("a b", 0, 0, -33_34), row("b", 2, 0, 90_01)]),
        markov_case("a_refund_among_journeys_that_came_to_nothing", [*textbook, row("b c", 0, 3, -5_00), row("z", 0, 0, -1)]),
        markov_case("a_value_without_a_conversion_says_nothing", [*textbook, row("b", 0, 4, 5_00)]),
    ]
    for order in (2, 3, 4):
        found.append(markov_case(f"textbook_of_order_{order}", textbook, order))
        found.append(markov_case(f"longer_than_order_{order}", [row("a b a b a c", 3, 3, 30_00), row("c a", 1, 9, 7_00), row("b c b", 4, 1, 41_00)], order))
    for seed, (order, count, channels, longest) in enumerate([
        (1, 12, 3, 6), (1, 40, 6, 9), (2, 12, 3, 5), (2, 30, 5, 7), (3, 14, 3, 6), (3, 20, 4, 7), (4, 10, 3, 8), (4, 16, 4, 6),
    ]):
        found.append(markov_case(f"drawn_{seed}_of_order_{order}", drawn(seed + 11, count, channels, longest), order))
    for seed, (name, order, rows, settings) in enumerate([
        ("few_journeys", 1, textbook, {"resamples": 40}),
        ("and_touches_that_are_not_known", 1, [*textbook, row("", 2, 7, 12_34), row("z"), row("c", 0, 5)], {"resamples": 25, "confidence": 0.5}),
        ("drawn", 1, drawn(71, 12, 4, 5), {"resamples": 30, "confidence": 0.8}),
        # From a mean of ten on counts are drawn by rejection.
        ("many_journeys", 1, [row("a", 30, 70), row("a b", 25, 60_000), row("b c", 10, 90), row("c", 5, 4_000_000_000)], {"resamples": 60, "confidence": 0.9}),
        ("order_two", 2, [row("a b a b c", 12, 9), row("c a", 3, 40), row("b c b", 4, 10)], {"resamples": 30}),
        ("order_four", 4, drawn(72, 8, 3, 6), {"resamples": 20, "confidence": 0.99}),
        ("hardly_a_conversion", 1, [row("a", 1, 3), row("b", 0, 9)], {"resamples": 30}),
    ]):
        request = {"order": order, "paths": rows, "intervals": {"seed": [1, 7, 4_294_967_295, 0, 12, 99, 5][seed], **settings}}
        found.append(case(f"intervals_of_{name}", request, chance.markov(request)))
    found += [
        refused("an_order_above_four", {"order": 5, "paths": []}, ("/order", "out_of_range")),
        refused("an_order_of_nothing_and_a_channel_without_a_name",
                {"order": 0, "paths": [row("a", 1), {"path": ["a", ""], "conversions": 1}]},
                ("/order", "out_of_range"), ("/paths/1/path/1", "empty_channel")),
        refused("more_money_than_a_number_holds",
                {"paths": [{"path": ["a"], "conversions": 1, "value_cents": 9_007_199_254_740_991},
                           {"path": ["b"], "conversions": 1, "value_cents": 9_007_199_254_740_991}]},
                ("/paths", "amount_too_large")),
        refused("fields_that_are_not_known", {"paths": [], "model": "markov"}, ("/model", "unknown_field")),
    ]
    return found


def shapley_cases():
    found = []

    def paths(name, rows):
        found.append(case(name, {"paths": rows}, models.shapley_of_paths({"paths": rows})))

    paths("alone_and_together", [row("a", 1), row("a b", 1)])
    paths("order_and_repeats_do_not_count", [row("a b a", 5, 0, 7_01), row("b a", 1, 4, 2_00)])
    paths("a_channel_that_never_converts", [row("a", 0, 9), row("b", 7, 1, 1_00)])
    paths("a_row_without_a_journey", [row("a"), row("b", 7)])
    paths("touches_that_are_not_known", [row("", 3, 4, 5_00), row("a b c", 1, 0, 1_00)])
    paths("money_that_was_paid_back", [row("a b c", 2, 0, -1_00), row("a", 1, 0, 30)])
    paths("a_refund_takes_back_what_its_channels_had", [row("a b", 3, 1, 90_00), row("a b", 0, 0, -30_01), row("b c", 0, 0, -2), row("a", 1, 0, 7)])
    paths("no_journey", [])
    for seed, (count, channels, longest) in enumerate([(12, 3, 5), (30, 5, 7), (60, 6, 9)]):
        paths(f"drawn_{seed}", drawn(seed + 31, count, channels, longest))
    for seed, (count, channels) in enumerate([(9, 3), (25, 5)]):
        rows = drawn(seed + 51, count, channels, 6)
        request = {"game": "conversion_rate", "paths": rows}
        found.append(case(f"conversion_rate_{seed}", request, models.shapley_of_rates(request)))
    state = 7
    for name, players, values in [
        ("one_left_glove_too_many", ["left", "other_left", "right"], [0, 0, 0, 0, 0, 1, 1, 1]),
        ("a_game_of_one", ["a"], [2, 5.5]), ("a_game_of_none", [], [3]), ("worth_less_together", ["a", "b"], [0, 4, 4, 1]),
        ("six_players", ["a", "b", "c", "d", "e", "f"], None),
    ]:
        if values is None:
            values = []
            for _ in range(1 << len(players)):
                state = state * 48_271 % 2_147_483_647
                values.append(state % 100_000 / 64)
        request = {"table": {"players": players, "values": values}}
        found.append(case(name, request, models.shapley_of_table(request)))
    for name, rows, settings in [
        ("alone_and_together", [row("a", 1), row("a b", 1)], {"resamples": 40, "seed": 3}),
        ("drawn", [*drawn(61, 30, 6, 9), row("", 4, 1, 90)], {"resamples": 200, "seed": 2_147_483_648, "confidence": 0.9}),
        ("many_conversions", [row("a b", 5_000, 7), row("b c a", 123_456, 0), row("c", 11, 9)], {"resamples": 100, "seed": 6, "confidence": 0.68}),
        ("a_refund", [row("a b", 3, 1, 90_00), row("c", 0, 0, -30_01), row("a", 1, 0, 7)], {"resamples": 20, "seed": 0}),
    ]:
        request = {"paths": rows, "intervals": settings}
        found.append(case(f"intervals_of_{name}", request, chance.shapley_of_paths(request)))
    # More channels than a table of sets has players, in journeys of one to four.
    lone = [{"path": [f"c{number:02d}"], "conversions": number % 3, "nulls": 1 + number % 5, "value_cents": number % 3 * 11_01} for number in range(24)]
    mixed = [{"path": [f"c{(number * step) % 24:02d}" for step in range(1, 2 + number % 4)], "conversions": 1 + number % 4, "nulls": number,
              "value_cents": (1 + number % 4) * 7_77} for number in range(40)]
    for name, rows, sampling in [
        ("two_orders", lone, {"orders": 2, "seed": 1}), ("lone_touches", lone, {"orders": 150, "seed": 8, "confidence": 0.9}),
        ("journeys_of_several", mixed, {"orders": 400, "seed": 4_294_967_295}),
        ("and_touches_that_are_not_known", [*mixed, row("", 3, 2, 5_00), row("c01", 0, 0, -1_00)], {"orders": 60, "seed": 20, "confidence": 0.5}),
        ("nothing_but_nulls", [{**each, "conversions": 0, "value_cents": 0} for each in mixed], {"orders": 5, "seed": 4}),
    ]:
        request = {"game": "conversion_rate", "paths": rows, "sampling": sampling}
        found.append(case(f"sampled_rates_of_{name}", request, chance.sampled_rates(request)))
    request = {"game": "conversion_rate", "paths": drawn(51, 9, 3, 6), "sampling": {"orders": 9, "seed": 9}}
    found.append(case("few_channels_are_not_sampled", request, models.shapley_of_rates(request)))
    many = [{"path": [f"c{number:02d}"], "conversions": 1} for number in range(21)]
    found += [
        refused("neither_paths_nor_a_table", {}, ("/paths", "missing_value")),
        refused("paths_and_a_table", {"paths": [], "table": {"players": [], "values": [1]}}, ("/table", "not_allowed_here")),
        refused("a_table_that_is_too_short_and_a_game", {"game": "conversions", "table": {"players": ["a", "b"], "values": [0, 1, 2]}},
                ("/game", "not_allowed_here"), ("/table/values", "wrong_length")),
        refused("rates_of_too_many_channels", {"game": "conversion_rate", "paths": many}, ("/sampling", "too_many_channels")),
        refused("chances_that_are_none", {"game": "conversion_rate", "paths": many, "sampling": {"orders": 1, "seed": 1, "confidence": 1}},
                ("/sampling", "out_of_range")),
        refused("intervals_of_nothing", {"paths": [], "intervals": {"resamples": 1, "seed": 1, "confidence": 2}},
                ("/intervals/resamples", "out_of_range"), ("/intervals/confidence", "out_of_range")),
    ]
    found[-2]["expect_problems"] = [{"path": "/sampling/orders", "code": "out_of_range"}]
    return found


TRAINED = "2026-02-20T00:00:00Z"


def train_cases():
    rows = [row("meta google", 12, 80, 900_00), row("google", 9, 60, 400_00), row("email meta", 3, 40, 90_00), row("tiktok", 0, 70)]
    found = []
    for name, request in [
        ("removal_effects", {"trained_at": TRAINED, "paths": rows}),
        ("order_two", {"order": 2, "trained_at": TRAINED, "paths": rows}),
        ("shapley_values", {"algorithm": "shapley", "trained_at": TRAINED, "paths": rows}),
        ("just_enough", {"trained_at": TRAINED, "paths": [row("a", 20, 80)]}),
        ("a_journey_too_few", {"trained_at": TRAINED, "paths": [row("a", 20, 79)]}),
        ("a_conversion_too_few", {"algorithm": "shapley", "trained_at": TRAINED, "paths": [row("a", 19, 800)]}),
        ("unknown_touches_teach_nothing", {"trained_at": TRAINED, "paths": [row("a", 10, 10), row("", 90, 900)]}),
    ]:
        answer = models.train(request)
        answer["trained_at"] = "2026-02-20T00:00:00.000Z"
        found.append(case(name, request, answer))
    found.append(refused("an_order_of_nine", {"order": 9, "trained_at": TRAINED, "paths": [{"path": [""]}]},
                         ("/order", "out_of_range"), ("/paths/0/path/0", "empty_channel")))
    return found


def apply_cases():
    model = {"algorithm": "markov", "order": 1, "status": "active", "trained_at": TRAINED, "journeys": 900, "conversions": 60,
             "weights": {"meta": 0.5, "google": 0.25, "email": 0.25, "tiktok": 0}, "removal_effects": {}}

    def touches(*channels):
        return [{"channel": channel, "touched_at": f"2026-02-2{day}T10:00:00Z"} for day, channel in enumerate(channels)]

    found = []
    for name, path, value in [
        ("weights_of_the_path_alone", touches("meta", "google"), 100_00), ("two_touches_of_one_channel", touches("meta", "google", "meta"), 100_01),
        ("a_channel_without_weight", touches("tiktok", "email"), 9_99), ("no_weight_at_all", touches("tiktok", "display", "tiktok"), 100_00),
        ("paid_back", touches("meta", "google", "email"), -100_00), ("one_touch", touches("email"), 5),
    ]:
        request = {"model": model, "touches": path, "value_cents": value, "now": "2026-03-01T00:00:00Z"}
        found.append(case(name, request, {**models.apply(request), "stale": False}))
    request = {"model": model, "touches": touches("meta", "google"), "now": "2026-03-22T00:00:00.000Z"}
    found.append(case("thirty_days_old_is_not_stale", request, {"stale": False, "credited_by": "data_driven"}))
    request = {**request, "now": "2026-03-22T00:00:00.001Z"}
    found.append(case("older_is_stale", request, {"stale": True, "credited_by": "data_driven"}))
    # Time decay of two touches a half-life of a day apart: a third and two thirds.
    failed = {**model, "status": "failed", "failure": "insufficient_data", "weights": {}}
    request = {"model": failed, "touches": touches("meta", "google"), "value_cents": 3_00, "settings": {"half_life_days": 1},
               "now": "2026-03-01T00:00:00Z"}
    thirds = {"credited_by": "time_decay", "reason": "insufficient_data",
              "touches": [{"weight": 1 / 3, "value_cents": 1_00}, {"weight": 2 / 3, "value_cents": 2_00}]}
    found.append(case("too_little_data_is_time_decay", request, thirds))
    found.append(case("an_archived_model_is_not_used", {**request, "model": {**model, "status": "archived"}}, {**thirds, "reason": "not_active"}))
    found.append(refused("nothing_to_credit", {**request, "touches": [], "settings": {"half_life_days": 0}, "value_cents": 9_007_199_254_740_991 + 1},
                         ("/touches", "empty_path"), ("/settings/half_life_days", "out_of_range"), ("/value_cents", "amount_too_large")))
    found.append(refused("touches_out_of_order", {**request, "touches": touches("meta", "google")[::-1]}, ("/touches/1/touched_at", "out_of_order")))
    found.append(refused("a_weight_below_nothing", {**request, "model": {**model, "weights": {"a/b": -0.5}}}, ("/model/weights/a~1b", "out_of_range")))
    return found
