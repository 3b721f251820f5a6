"""The customer library over data frames: identifiers, persons, scores, segments and funnels of millions of rows.

Every function takes a frame of any maker that offers the Arrow PyCapsule interface (polars, pandas, pyarrow, duckdb) and
gives :class:`stratum.Columns`, which any of them reads: ``polars.DataFrame(columns)``. A column is looked for by the name of
its keyword argument; say ``email="contact"`` where the frame calls it otherwise. Texts stay where they stand, instants may
be timestamps of any unit (without a time zone they are taken as UTC), milliseconds, or RFC 3339 texts.

>>> import pyarrow as pa
>>> import stratum
>>> events = pa.table({
...     "profile_id": ["jane", "jane", "omar"],
...     "event_name": ["ProductViewed", "Purchase", "ProductViewed"],
...     "event_time": ["2026-03-01T10:00:00Z", "2026-03-01T10:05:00Z", "2026-03-01T11:00:00Z"],
... })
>>> steps = stratum.cdp.funnel(events, ["ProductViewed", "Purchase"])
>>> pa.table(steps)["count"].to_pylist()
[2, 1]
>>> pa.table(steps.tables["summary"])["conversion_rate"].to_pylist()
[0.5]

Events that lie on several machines are linked apart: each part fills :class:`Links`, whose bytes travel and merge.

>>> links = stratum.cdp.Links()
>>> links.add(pa.table({"email": ["jane@shop.test1", None], "device_id": ["d1", "d1"]}))
>>> pa.table(links.clusters())["cluster"].to_pylist()
['email:jane@shop.test1', 'email:jane@shop.test1']

Purchases become figures of customers, and these become scores; with the whole history, what customers will be worth.

>>> purchases = pa.table({
...     "customer_id": ["jane", "omar", "jane"],
...     "at": ["2026-01-10T00:00:00Z", "2026-02-20T00:00:00Z", "2026-02-19T00:00:00Z"],
...     "amount_cents": [50_00, 99_00, 30_00],
... })
>>> figures = stratum.cdp.rfm_aggregate(purchases, now="2026-03-01T00:00:00Z")
>>> pa.table(figures).to_pylist()[0]
{'customer_id': 'jane', 'recency_days': 10.0, 'frequency': 2, 'monetary_cents': 8000}
>>> pa.table(stratum.cdp.rfm(figures))["rfm_cell"].to_pylist()
['RFM422', 'RFM412']
>>> weeks = pa.table({"frequency": [2], "recency": [30.43], "T": [38.86]})
>>> cdnow = {"r": 0.242594, "alpha": 4.413602, "a": 0.792919, "b": 2.425884}
>>> pa.table(stratum.cdp.lifetime_value(weeks, bgnbd=cdnow, periods_per_month=4.345))["p_alive"].to_pylist()
[0.72660862]

Long work can be called off: Ctrl-C ends it, and so does an exception of the function given as ``progress``;
``progress=True`` shows a bar where tqdm is installed.
"""

from .._native import Links
from ._door import Progress
from .customers import lifetime_value, predict, rfm, rfm_aggregate
from .frames import funnel, normalize, resolve, segment, traits

__all__ = [
    "Links",
    "Progress",
    "funnel",
    "lifetime_value",
    "normalize",
    "predict",
    "resolve",
    "rfm",
    "rfm_aggregate",
    "segment",
    "traits",
]
