"""What each channel has earned of the conversions that it led to, over data frames of any maker.

Every function takes a frame of touches, a row each, from any maker that offers the Arrow PyCapsule interface (polars, pandas,
pyarrow, duckdb) and gives :class:`stratum.Columns`, which any of them reads: ``polars.DataFrame(columns)``.

>>> import pyarrow as pa
>>> import stratum
>>> touches = pa.table({
...     "journey_id": ["a", "a", "a", "b"],
...     "channel": ["meta", "email", "google", "email"],
...     "touched_at": ["2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z", "2026-03-02T08:00:00Z"],
...     "converted_at": ["2026-03-04T10:00:00Z"] * 3 + [None],
...     "value_cents": [100_00, 100_00, 100_00, None],
... })
>>> credit = pa.table(stratum.attribution.rules(touches, ["linear"]))
>>> dict(zip(credit["channel"].to_pylist(), credit["value_cents"].to_pylist()))
{'email': 3333, 'google': 3334, 'meta': 3333}

The models that learn from all journeys read the same frame, and want those that came to nothing as well:

>>> pa.table(stratum.attribution.markov(touches))["weight"].to_pylist()
[0.4, 0.4, 0.2]

Instead of ``converted_at`` they also read how many conversions each journey led to:

>>> touches = pa.table({
...     "journey_id": [1, 2, 2, 3],
...     "channel": ["a", "a", "b", "b"],
...     "conversions": [1, 1, 1, 0],
...     "value_cents": [60_00, 40_00, 40_00, 0],
... })
>>> pa.table(stratum.attribution.markov(touches))["weight"].to_pylist()
[0.6, 0.4]
>>> pa.table(stratum.attribution.shapley(touches))["value_cents"].to_pylist()
[8000, 2000]

Parts of the journeys can be counted apart, on as many machines as there are: each part fills a :class:`PathCounts`, whose
bytes travel, and the merged counts say what all journeys together say, to the last bit.

>>> part = stratum.attribution.PathCounts()
>>> part.add(touches)
>>> both = stratum.attribution.PathCounts.from_bytes(part.to_bytes())
>>> both.merge(part)
>>> [channel["weight"] for channel in both.markov()["channels"]]
[0.6, 0.4]

What rules credited, day by day, is such a state as well. A new day is merged to those before it, and a refund, whose value is
below 0, takes back on its own day (``booked_at``) what was credited:

>>> day = stratum.attribution.CreditTotals(["linear"])
>>> day.add(pa.table({
...     "journey_id": ["a", "a", "-a", "-a"],
...     "channel": ["meta", "google"] * 2,
...     "touched_at": ["2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z"] * 2,
...     "converted_at": ["2026-03-03T10:00:00Z"] * 4,
...     "value_cents": [10_01, 10_01, -10_01, -10_01],
...     "booked_at": [None, None, "2026-03-09T08:00:00Z", "2026-03-09T08:00:00Z"],
... }))
>>> pa.table(day.finish()).select(["date", "channel", "value_cents"]).to_pylist()[1:3]
[{'date': '2026-03-03', 'channel': 'meta', 'value_cents': 500}, {'date': '2026-03-09', 'channel': 'google', 'value_cents': -501}]
"""

from .._native import CreditTotals, PathCounts, shapley_of_table
from .learned import markov, shapley
from .rules import rules

__all__ = ["CreditTotals", "PathCounts", "markov", "rules", "shapley", "shapley_of_table"]
