"""What the classes of :mod:`stratum.models` share: dicts to objects and back."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Model", "register"]

_forms: dict[str, tuple[str, Mapping[str, type[Model]]]] = {}


def register(name: str, tag: str, classes: Mapping[str, type[Model]]) -> None:
    """Say that a ``name`` is one of several classes, told apart by the field ``tag``."""
    _forms[name] = (tag, classes)


@dataclass(frozen=True, kw_only=True)
class Model:
    """A request, a policy or an answer. Equal to another of the same class with equal fields."""

    _parts: ClassVar[Mapping[str, str]] = {}

    def to_dict(self) -> dict[str, Any]:
        """Give a plain dict, as it is sent and stored; optional fields that are None are left out."""
        plain = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None or field.default is MISSING:
                plain[field.name.rstrip("_")] = _plain(value)
        return plain

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read a plain dict. Keys that this version does not know are left alone."""
        known: dict[str, Any] = {}
        for field in fields(cls):
            key = field.name.rstrip("_")
            if key in stored:
                part = cls._parts.get(key)
                known[field.name] = _whole(part, stored[key]) if part else stored[key]
        return cls(**known)


def _plain(value: Any) -> Any:
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value


def _whole(part: str, value: Any) -> Any:
    """Make objects of class ``part`` from their dicts, and datetimes from their texts."""
    if isinstance(value, (list, tuple)):
        return [_whole(part, item) for item in value]
    if isinstance(value, str) and part == "datetime":
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    if not isinstance(value, Mapping):
        return value
    if part in _forms:
        tag, classes = _forms[part]
        return classes[value[tag]].from_dict(value)
    return getattr(sys.modules["stratum.models"], part).from_dict(value)
