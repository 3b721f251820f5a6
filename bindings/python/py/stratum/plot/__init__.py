"""Pictures of what Stratum answers, on matplotlib: ``pip install 'stratum-trust[plot]'``.

Every function takes an operation's answer as it is, draws on ``ax`` (or on axes of its own) and gives the axes back:
``ax.figure.savefig("credit.svg")``. Colours are those of Okabe and Ito (2008), which colour-blind people can tell apart.

>>> import matplotlib
>>> matplotlib.use("Agg")
>>> import stratum.plot
>>> ax = stratum.plot.health([("2026-03-01T10:00:00Z", 82), ("2026-03-01T11:00:00Z", 64), ("2026-03-01T12:00:00Z", None)])
>>> ax.get_ylabel()
'signal health'
"""

from ._credit import credit
from ._funnel import funnel
from ._health import health
from ._identity import identity_graph
from ._paths import paths

__all__ = ["credit", "funnel", "health", "identity_graph", "paths"]
