"""From keyword arguments to the batch form of an operation."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Union

from .._native import Columns, call_frame

__all__ = ["Progress", "cleaned_by", "run", "unnamed"]

Progress = Union[bool, Callable[[int, Union[int, None]], object]]
"""``True`` shows a bar, if tqdm is installed; a function hears of the rows that are done and of all rows (or None)."""


def run(
    operation: str,
    frame: Any,
    policy: Mapping[str, Any] | None,
    *,
    names: Mapping[str, str | None],
    progress: Progress,
    unread: Iterable[str] = (),
) -> Columns:
    """Run the batch form of an operation; a column that has no name here is looked for by its own, unless it is
    ``unread``."""
    columns: dict[str, str | None] = {ours: theirs for ours, theirs in names.items() if theirs is not None}
    columns.update(dict.fromkeys(unread))
    with _heard(progress, operation) as told:
        return call_frame(operation, frame, policy, columns=columns, progress=told)


def cleaned_by(settings: Mapping[str, Any] | None, default_region: str | None) -> dict[str, Any]:
    """How identifiers are cleaned: the settings, and the region of phone numbers without a country code."""
    cleaning = dict(settings or {})
    if default_region is not None:
        cleaning["default_region"] = default_region
    return cleaning


def unnamed(names: Mapping[str, str | None], always: Collection[str]) -> list[str]:
    """The columns that are sent, which nobody named, once one of them is named. Those of ``always`` are not sent."""
    sent = [ours for ours in names if ours not in always]
    unread = [ours for ours in sent if names[ours] is None]
    return unread if len(unread) < len(sent) else []


@contextmanager
def _heard(progress: Progress, operation: str) -> Iterator[Callable[[int, int | None], object] | None]:
    if not isinstance(progress, bool):
        yield progress
        return
    bar = _bar(operation) if progress else None
    if bar is None:
        yield None
        return

    def tell(done: int, total: int | None) -> None:
        bar.total = total
        bar.update(done - bar.n)

    with bar:
        yield tell


def _bar(operation: str) -> Any:
    try:
        tqdm = importlib.import_module("tqdm.auto").tqdm
    except ImportError:
        return None
    return tqdm(desc=operation, unit=" rows", unit_scale=True)
