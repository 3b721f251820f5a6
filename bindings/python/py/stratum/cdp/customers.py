"""Customers by what they bought: the functions of :mod:`stratum.cdp` that score and predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from .._native import Columns
from ._door import Progress, run

__all__ = ["lifetime_value", "predict", "rfm", "rfm_aggregate"]


def rfm_aggregate(
    frame: Any,
    *,
    now: datetime | str,
    window_days: int = 365,
    customer_id: str | None = None,
    at: str | None = None,
    amount_cents: str | None = None,
    refunded_cents: str | None = None,
    progress: Progress = False,
) -> Columns:
    """Add purchases up to what customers are scored by.

    The frame holds purchases, a row each, in any order: ``customer_id``, ``at`` (when), ``amount_cents`` (minor units) and, if
    you have it, ``refunded_cents``; what was paid back in full counts as none. The answer has a row for each customer who
    bought in the ``window_days`` before ``now``: ``customer_id`` and the columns that :func:`rfm` reads, so
    ``rfm(rfm_aggregate(purchases, now=now))`` scores them, in the same order.
    """
    options = {"now": now, "window_days": window_days}
    names = {
        "customer_id": customer_id,
        "at": at,
        "amount_cents": amount_cents,
        "refunded_cents": refunded_cents,
    }
    return run("rfm.aggregate", frame, options, names=names, progress=progress)


def rfm(
    frame: Any,
    *,
    recency_days: str | None = None,
    frequency: str | None = None,
    monetary_cents: str | None = None,
    policy: Mapping[str, Any] | None = None,
    currency: str = "USD",
    ties: Literal["min", "first"] = "min",
    progress: Progress = False,
) -> Columns:
    """Score customers, a row each, by how lately, how often and for how much they bought.

    Columns: ``recency_days`` since the last purchase, ``frequency`` (purchases), ``monetary_cents`` (minor units), as
    :func:`rfm_aggregate` makes them of purchases. Who has no purchase in the window (``policy["window_days"]``, 365) has no
    score: the row is null in every column. ``policy`` has the limits, or ``{"mode": "QUINTILE"}`` for scores by rank among at
    least 50 customers. ``rfm_cell`` and ``segment`` are categoricals: few texts, many rows.
    """
    options = {"policy": policy or {}, "currency": currency, "ties": ties}
    names = {"recency_days": recency_days, "frequency": frequency, "monetary_cents": monetary_cents}
    return run("rfm.score", frame, options, names=names, progress=progress)


def predict(
    frame: Any,
    *,
    purchases: str | None = None,
    days_since_last_purchase: str | None = None,
    revenue_cents: str | None = None,
    median_gap_days: str | None = None,
    days_since_first_purchase: str | None = None,
    repeat_revenue_cents: str | None = None,
    model: Literal["HEURISTIC", "BG_NBD"] = "HEURISTIC",
    currency: str = "USD",
    base: Mapping[str, Any] | None = None,
    fitted: Mapping[str, Any] | None = None,
    progress: Progress = False,
) -> Columns:
    """Predict who will leave, and what the next 365 days will bring: ``prediction.evaluate``, a row for each customer.

    Columns: ``purchases`` (how many), ``days_since_last_purchase``, ``revenue_cents`` (minor units); and, if you have them,
    ``median_gap_days`` between purchases, and for the model ``"BG_NBD"`` ``days_since_first_purchase`` and
    ``repeat_revenue_cents``. ``base`` is what is known of all customers, ``fitted`` the models for ``"BG_NBD"``. The answer has
    ``churn_probability``, ``churn_band``, ``ltv_365_cents``, ``ltv_class``, ``gap_days`` and ``gap_source``; who has no
    purchase is null in every column.
    """
    options = {"model": model, "currency": currency, "base": base or {}, "fitted": fitted}
    names = {
        "purchases": purchases,
        "days_since_last_purchase": days_since_last_purchase,
        "revenue_cents": revenue_cents,
        "median_gap_days": median_gap_days,
        "days_since_first_purchase": days_since_first_purchase,
        "repeat_revenue_cents": repeat_revenue_cents,
    }
    return run("prediction.evaluate", frame, options, names=names, progress=progress)


def lifetime_value(
    frame: Any,
    *,
    periods_per_month: float,
    months: int = 12,
    monthly_discount: float = 0.0,
    bgnbd: Mapping[str, float] | None = None,
    gamma_gamma: Mapping[str, float] | None = None,
    bgnbd_covariance: Sequence[Sequence[float]] | None = None,
    gamma_gamma_covariance: Sequence[Sequence[float]] | None = None,
    confidence: float | None = 0.95,
    frequency: str | None = None,
    recency: str | None = None,
    T: str | None = None,  # noqa: N803  the field's word
    monetary_value: str | None = None,
    progress: Progress = False,
) -> Columns:
    """Predict what customers will buy and be worth, by BG/NBD and Gamma-Gamma, with intervals.

    A customer is a row: ``frequency`` (purchases after the first), ``recency`` (the age at the last one) and ``T`` (the age
    now), both counted from the first purchase in one unit of time of which a month has ``periods_per_month`` (30.4375 for
    days, 4.345 for weeks), and, if amounts are known, ``monetary_value``, the mean amount of the repeat purchases.

    Left out, ``bgnbd`` (r, alpha, a, b) and ``gamma_gamma`` (p, q, v) are fitted to these customers. The answer has a row for
    each customer: ``p_alive``, ``expected_purchases`` within ``months``, ``expected_average`` and ``clv``, each with ``_low``
    and ``_high`` (null where a model is given without its covariance). They say how well the model's expectation is known, not
    how much a single customer varies around it. ``confidence=None`` leaves them out, which takes a tenth of the time.

    ``tables["parameters"]`` has the parameters, ``tables["fits"]`` whether a fit ended at a maximum, and
    ``tables["bgnbd_covariance"]`` and ``tables["gamma_gamma_covariance"]`` what to give with them to predict other customers.
    """
    options = {
        "bgnbd": bgnbd,
        "bgnbd_covariance": bgnbd_covariance,
        "gamma_gamma": gamma_gamma,
        "gamma_gamma_covariance": gamma_gamma_covariance,
        "confidence": confidence,
        "months": months,
        "monthly_discount": monthly_discount,
        "periods_per_month": periods_per_month,
    }
    names = {"frequency": frequency, "recency": recency, "T": T, "monetary_value": monetary_value}
    return run("clv.predict", frame, options, names=names, progress=progress)
