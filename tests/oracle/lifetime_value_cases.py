"""Cases of bgnbd.fit, bgnbd.predict, gamma_gamma.fit and clv.predict."""

import json
import pathlib

import lifetime_value as model_of
from lifetime_value import dec, shown
from operations import case, refused

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "analytics"
CDNOW = {"r": 0.242594, "alpha": 4.413602, "a": 0.792919, "b": 2.425884}
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}
MODELS = {
    "the published model": CDNOW,
    "a above one": {"r": 0.9, "alpha": 12.0, "a": 2.5, "b": 3.1},
    "a almost one": {"r": 0.6, "alpha": 8.0, "a": 1.000001, "b": 3.0},
    "a and b below one together": {"r": 1.5, "alpha": 3.25, "a": 0.25, "b": 0.5},
    "frequent buyers": {"r": 30.5, "alpha": 6.0, "a": 0.75, "b": 4.0},
}
HISTORIES = [(0, 0.0, 0.0), (0, 0.0, 38.86), (1, 1.71, 38.86), (2, 30.43, 38.86), (5, 5.0, 38.86), (7, 29.43, 38.86),
             (1, 38.86, 38.86), (26, 30.86, 31.0), (3, 0.0, 52.0), (40, 50.0, 52.0)]
TIMES = [0, 0.01, 1, 13, 52, 260]


def vectors(name):
    return {found["name"]: found for found in json.loads((VECTORS / name).read_text())["cases"]}


def histories(rows):
    return [{"x": x, "t_x": t_x, "T": age} for x, t_x, age in rows]


def predict(name, params):
    model = tuple(dec(params[key]) for key in ("r", "alpha", "a", "b"))
    customers = [{
        "p_alive": shown(model_of.p_alive(model, x, dec(t_x), dec(age))),
        "expected": [shown(model_of.expected(model, x, dec(t_x), dec(age), dec(t))) for t in TIMES],
    } for x, t_x, age in HISTORIES]
    return case(name, {"params": params, "customers": histories(HISTORIES), "t": TIMES}, {
        "customers": customers, "new_customer": [shown(model_of.expected_new(model, dec(t))) for t in TIMES]})


def predict_cases():
    found = [predict(name, params) for name, params in MODELS.items()]
    found.append(case("only new customers", {"params": CDNOW, "t": []}, {"customers": [], "new_customer": []}))
    # Without variance an interval is a point.
    still = [[0] * 4 for _ in range(4)]
    one = predict("nothing varies", CDNOW)
    request = one["request"] | {"covariance": still, "customers": histories(HISTORIES[3:4]), "t": [13]}
    found.append(case("without variance an interval is a point", request, {"customers": [{
        "p_alive_interval": {"low": 0.72660862, "high": 0.72660862},
        "expected_intervals": [{"low": 0.457155628, "high": 0.457155628}]}]}))
    return found + [
        refused("every wrong figure at once", {
            "params": {"r": 0, "alpha": -1, "a": 1, "b": 1}, "confidence": 1,
            "customers": histories([(0, 1.0, 2.0), (1, 3.0, 2.0), (1, 1.0, -2.0), (0, 0.0, 2.0)]), "t": [1, -1]},
            ("/params/r", "out_of_range"), ("/params/alpha", "out_of_range"), ("/confidence", "out_of_range"),
            ("/customers/0/t_x", "out_of_range"), ("/customers/1/t_x", "out_of_range"),
            ("/customers/2/T", "out_of_range"), ("/t/1", "out_of_range")),
        refused("a half purchase", {"params": CDNOW, "customers": [{"x": 0.5, "t_x": 0, "T": 1}], "t": []},
                ("/customers/0/x", "wrong_type")),
    ]


def fit_cases():
    found = []
    for name in ("fit_cdnow", "fit_simulated_800"):
        vector = vectors("bgnbd.json")[name]
        given = {key: vector["input"][key] for key in ("x", "t_x", "T")}
        # The vector's log-likelihood is that of parameters found with less patience; within 1e-6 it is the same.
        found.append(case(name, given, {
            "customers": len(given["x"]), "converged": True, "log_likelihood": round(vector["expect"]["log_likelihood"], 6)}))
    return found + [
        refused("nobody came back", {"x": [0, 0], "t_x": [0, 0], "T": [5, 9]}, ("", "insufficient_data")),
        refused("nobody at all", {"x": [], "t_x": [], "T": []}, ("", "insufficient_data")),
        refused("columns of different lengths", {"x": [1, 2], "t_x": [1], "T": [2, 3, 4], "confidence": 0.2},
                ("/t_x", "length_mismatch"), ("/T", "length_mismatch"), ("/confidence", "out_of_range")),
        refused("histories that no customer has", {"x": [1, 0, 1], "t_x": [3, 1, 0], "T": [2, 2, -1]},
                ("/t_x/0", "out_of_range"), ("/t_x/1", "out_of_range"), ("/T/2", "out_of_range")),
    ]


def spend_cases():
    vector = vectors("gamma_gamma_clv.json")["fit_cdnow"]
    given = {key: vector["input"][key] for key in ("x", "m")}
    some_new = {"x": given["x"] + [0, 0], "m": given["m"] + [0.0, 17.5]}
    expect = {"customers": len(given["x"]), "converged": True, "log_likelihood": round(vector["expect"]["log_likelihood"], 6)}
    return [
        case("fit_cdnow", given, expect),
        case("who never came back says nothing of spend", some_new, expect),
        refused("one customer", {"x": [3, 0], "m": [20, 0]}, ("", "insufficient_data")),
        refused("amounts that are none", {"x": [1, 1, 2], "m": [0, 5, -1]}, ("/m/0", "out_of_range"), ("/m/2", "out_of_range")),
        refused("columns of different lengths", {"x": [1, 2], "m": [1]}, ("/m", "length_mismatch")),
    ]


def value_cases():
    found = []
    rows = [(2, 30.43, 38.86, 22.35), (7, 29.43, 38.86, 73.74), (1, 1.71, 38.86, 11.77), (0, 0.0, 38.86, 0.0)]
    for name, params in MODELS.items():
        for months, discount, periods in ((12, 0.01, 4.345), (6, 0, 4.345), (1, 1, 30.4375), (36, 0.005, 4.345)):
            model = tuple(dec(params[key]) for key in ("r", "alpha", "a", "b"))
            spend = tuple(dec(SPEND[key]) for key in ("p", "q", "v"))
            customers = [{
                "clv": shown(model_of.clv(model, spend, (x, dec(t_x), dec(age), dec(m)), months, dec(discount), dec(periods))),
                "expected_average": shown(model_of.average(spend, x, dec(m))),
            } for x, t_x, age, m in rows]
            request = {
                "bgnbd": params, "gamma_gamma": SPEND, "months": months, "monthly_discount": discount, "periods_per_month": periods,
                "customers": [{"x": x, "t_x": t_x, "T": age, "m": m} for x, t_x, age, m in rows],
            }
            found.append(case(f"{name}, {months} months at {discount}", request, {
                "customers": customers, "population_mean": shown(model_of.average(spend, 0, dec(0)))}))
    still = {"bgnbd_covariance": [[0] * 4 for _ in range(4)], "gamma_gamma_covariance": [[0] * 3 for _ in range(3)]}
    certain = found[0]
    point = lambda value: {"low": value, "high": value}
    found.append(case("without variance an interval is a point", certain["request"] | still | {"confidence": 0.9}, {
        "customers": [one | {"clv_interval": point(one["clv"]), "expected_average_interval": point(one["expected_average"])}
                      for one in certain["expect"]["customers"]]}))
    wild = {"bgnbd": CDNOW, "gamma_gamma": SPEND | {"q": 0.5}, "customers": [{"x": 0, "t_x": 0, "T": 9}],
            "months": 12, "periods_per_month": 4.345}
    found.append(case("where the mean of all is infinite a new customer has none", wild, {
        "customers": [{"clv": None, "expected_average": None}], "population_mean": None}))
    return found + [
        refused("every wrong figure at once", {
            "bgnbd": CDNOW | {"a": 0}, "gamma_gamma": SPEND | {"v": -3}, "confidence": 0.4, "months": 121, "monthly_discount": 1.5, "periods_per_month": 0,
            "customers": [{"x": 0, "t_x": 0, "T": 9, "m": -1}, {"x": 0, "t_x": 2, "T": 9}]},
            ("/bgnbd/a", "out_of_range"), ("/gamma_gamma/v", "out_of_range"), ("/confidence", "out_of_range"), ("/months", "out_of_range"),
            ("/monthly_discount", "out_of_range"), ("/periods_per_month", "out_of_range"),
            ("/customers/0/m", "out_of_range"), ("/customers/1/t_x", "out_of_range")),
    ]
