"""What each channel has earned of the conversions that it led to, over data frames of any maker.

>>> import pyarrow as pa
>>> import stratum
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
"""

from .._native import PathCounts, shapley_of_table
from .learned import markov, shapley

__all__ = ["PathCounts", "markov", "shapley", "shapley_of_table"]
