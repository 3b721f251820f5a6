"""Audiences at ad platforms: the requests that add the rows of a data frame to an audience, or remove them.

>>> import pyarrow as pa
>>> import stratum
>>> members = pa.table({"contact": ["jane@shop.test", "n/a"], "ads": ["granted", None]})
>>> requests = stratum.audience.payloads(
...     members, platform="SNAPCHAT", ids={"segment_id": "S-1"}, email="contact", ad_user_data="ads"
... )
>>> pa.table(requests)["path"].to_pylist()
['/v1/segments/S-1/users']
>>> pa.table(requests.tables["skipped"]).to_pylist()
[{'row': 1, 'member_id': '1', 'reason': 'consent_denied'}]
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Literal

from ._native import Columns
from .cdp._door import Progress, cleaned_by, run, unnamed

__all__ = ["payloads"]

_ALWAYS = {"member_id", "ad_user_data", "ad_personalization"}


def payloads(
    frame: Any,
    *,
    platform: str,
    action: Literal["add", "remove", "replace"] = "add",
    ids: Mapping[str, str] | None = None,
    consent_checked: bool = False,
    default_region: str | None = None,
    cleaning: Mapping[str, Any] | None = None,
    max_items_per_request: int | None = None,
    session_id: int | None = None,
    now: datetime | str | None = None,
    member_id: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    external_id: str | None = None,
    device_id: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    city: str | None = None,
    state: str | None = None,
    zip: str | None = None,  # noqa: A002  the platforms' word
    country: str | None = None,
    date_of_birth: str | None = None,
    gender: str | None = None,
    ad_user_data: str | None = None,
    ad_personalization: str | None = None,
    progress: Progress = False,
) -> Columns:
    """Make the requests for the rows of a frame; nothing is sent.

    Once a keyword names a column that platforms are sent (``email`` to ``gender``), only the columns that are named go to
    the platform. Where no such keyword is given, every column that is called as a keyword is, in any case, goes.
    ``member_id`` and the decisions, which find nobody, are always looked for by their own names, too: a denial in
    the frame counts.

    The answer has a row for each request: ``method``, ``host``, ``path``, ``auth`` (how the sender authenticates: no token
    is in it), ``members`` (how many) and ``body``, JSON text. ``tables["skipped"]`` has the rows that are in none of them
    with the reason, ``tables["merged"]`` those that are the same to the platform as an earlier one. ``tables["held"]`` has a row
    with the reason where nothing is sent though it was asked for: a replacement of which nobody is left, which would neither
    keep nor empty the audience knowingly.

    Nobody is added who has not consented: ``ad_user_data`` and ``ad_personalization`` are columns of ``granted`` and
    ``denied``, null where a person has not decided; ``consent_checked=True`` says that everybody in the frame was found to consent before. Removals
    need no consent. ``ids`` fills in the placeholders of paths and bodies (``{"audience_id": "…"}``). ``replace`` is Meta's
    alone and needs a ``session_id``, used once.
    """
    connection: dict[str, Any] = {"platform": platform, "ids": dict(ids or {})}
    if max_items_per_request is not None:
        connection["max_items_per_request"] = max_items_per_request
    policy: dict[str, Any] = {
        "connection": connection,
        "action": action,
        "now": datetime.now(timezone.utc) if now is None else now,
        "consent_checked": consent_checked,
        "cleaning": cleaned_by(cleaning, default_region),
    }
    if session_id is not None:
        policy["session_id"] = session_id
    names = {
        "member_id": member_id,
        "email": email,
        "phone": phone,
        "external_id": external_id,
        "device_id": device_id,
        "first_name": first_name,
        "last_name": last_name,
        "city": city,
        "state": state,
        "zip": zip,
        "country": country,
        "date_of_birth": date_of_birth,
        "gender": gender,
        "ad_user_data": ad_user_data,
        "ad_personalization": ad_personalization,
    }
    return run("audience.payloads", frame, policy, names=names, progress=progress, unread=unnamed(names, _ALWAYS))
