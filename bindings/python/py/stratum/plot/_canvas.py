"""What all pictures share: their axes, their colours, their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito (2008), the black aside.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
GREY = "#9AA0A6"
PASS, HOLD, BLOCK = "#009E73", "#E69F00", "#D55E00"


def axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The given axes, or new ones of this size in inches."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("pictures need matplotlib: pip install 'stratum-trust[plot]'") from error
    _, made = pyplot.subplots(figsize=(width, height), layout="constrained")
    return made


def colour(place: int) -> str:
    """The colour of the series at this place."""
    return COLOURS[place % len(COLOURS)]


def bare(ax: Axes, *sides: str) -> None:
    """Takes away the lines of the frame that say nothing."""
    for side in sides or ("top", "right"):
        ax.spines[side].set_visible(False)


def shown(number: float) -> str:
    """A number as people read it: 1,234 or 12.5."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"
