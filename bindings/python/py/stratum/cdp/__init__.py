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

Long work can be called off: Ctrl-C ends it, and so does an exception of the function given as ``progress``;
``progress=True`` shows a bar where tqdm is installed.
"""

from .._native import Links
from ._door import Progress
from .frames import funnel, normalize, resolve, rfm, segment, traits

__all__ = ["Links", "Progress", "funnel", "normalize", "resolve", "rfm", "segment", "traits"]
