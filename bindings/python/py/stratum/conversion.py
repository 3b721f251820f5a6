"""Conversions for ad platforms: the requests that tell them of the rows of a data frame.

>>> import pyarrow as pa
>>> import stratum
>>> orders = pa.table({
...     "event_id": ["o-1", "o-2"],
...     "event_name": ["Purchase", "Purchase"],
...     "event_time": ["2026-03-01T11:58:00Z", "2026-03-01T11:59:00Z"],
...     "contact": ["jane@shop.test1", "omar@shop.test1"],
...     "value": [12.5, 3.0],
...     "currency": ["KWD", "KWD"],
...     "ads": ["granted", None],
... })
>>> requests = stratum.conversion.payloads(
...     orders, platform="META", ids={"dataset_id": "17"}, default_action_source="physical_store",
...     now="2026-03-01T12:00:00Z", email="contact", value="value", currency="currency", ad_user_data="ads",
... )
>>> pa.table(requests)["events"].to_pylist()
[1]
>>> pa.table(requests.tables["skipped"]).to_pylist()
[{'row': 1, 'event_id': 'o-2', 'reason': 'consent_denied'}]
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ._native import Columns
from .cdp._door import Progress, cleaned_by, run, unnamed

__all__ = ["payloads"]

_ALWAYS = {"event_id", "event_name", "event_time", "action_source", "ad_user_data", "ad_personalization"}


def payloads(
    frame: Any,
    *,
    platform: str,
    ids: Mapping[str, str] | None = None,
    aliases: Mapping[str, str] | None = None,
    conversion_actions: Mapping[str, str] | None = None,
    legacy_upload: bool = False,
    default_action_source: str | None = None,
    consent_checked: bool = False,
    default_region: str | None = None,
    cleaning: Mapping[str, Any] | None = None,
    max_age_days: int | None = None,
    max_items_per_request: int | None = None,
    test_code: str | None = None,
    now: datetime | str | None = None,
    event_id: str | None = None,
    event_name: str | None = None,
    event_time: str | None = None,
    action_source: str | None = None,
    event_source_url: str | None = None,
    app: str | None = None,
    value: str | None = None,
    currency: str | None = None,
    order_id: str | None = None,
    contents: str | None = None,
    content_type: str | None = None,
    num_items: str | None = None,
    search_string: str | None = None,
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
    ip: str | None = None,
    user_agent: str | None = None,
    fbp: str | None = None,
    fbc: str | None = None,
    fbclid: str | None = None,
    ttp: str | None = None,
    ttclid: str | None = None,
    gclid: str | None = None,
    gbraid: str | None = None,
    wbraid: str | None = None,
    sccid: str | None = None,
    scid: str | None = None,
    test_event_code: str | None = None,
    ad_user_data: str | None = None,
    ad_personalization: str | None = None,
    progress: Progress = False,
) -> Columns:
    """Make the requests for the rows of a frame; nothing is sent.

    Each keyword from ``event_id`` to ``ad_personalization`` names a column. Every row has an ``event_id`` (under which the
    platform recognises what the browser sent, too), an ``event_name`` (``Purchase``, ``Lead``, …, or your own, which
    ``aliases`` leads to one of these or to the platform's name) and an ``event_time``. ``action_source`` is where it happened
    (``website``, ``app``, ``physical_store``, …); ``default_action_source`` says it for the rows that do not. ``value`` is in
    major units of ``currency``. ``contents`` is JSON text: ``[{"id": "S-1", "quantity": 1, "price": 9.5}]``;
    so is ``app``, without which no platform but Google takes what happened in one: ``{"os": "ios", "os_version": "17.4",
    "advertiser_tracking_enabled": true, "application_tracking_enabled": true}``.

    Once a keyword names a column that platforms are sent (all from ``event_source_url`` to ``test_event_code``), only the
    columns that are named go to the platform. Where no such keyword is given, every column that is called as a keyword is, in
    any case, goes. The others are always looked for by their own names, too: a denial in the frame counts.

    The answer has a row for each request: ``method``, ``host``, ``path``, ``auth`` (how the sender authenticates: no token
    is in it), ``events`` (how many) and ``body``, JSON text. ``tables["skipped"]`` has the rows that are in none of them with
    the reason. Only rows whose person consented are sent: ``ad_user_data`` and ``ad_personalization`` are columns of
    ``granted`` and ``denied``, null where a person has not decided; ``consent_checked=True`` says that everybody in the frame
    was found to consent before. ``ids`` fills in the placeholders of paths and bodies (``{"dataset_id": "…"}``),
    ``conversion_actions`` are Google's, by event name. ``test_code`` sends all rows as a test.
    """
    connection: dict[str, Any] = {
        "platform": platform,
        "ids": dict(ids or {}),
        "aliases": dict(aliases or {}),
        "legacy_upload": legacy_upload,
    }
    if conversion_actions is not None:
        connection["conversion_actions"] = dict(conversion_actions)
    further = {
        "max_age_days": max_age_days,
        "max_items_per_request": max_items_per_request,
        "test_event_code": test_code,
    }
    connection.update({name: setting for name, setting in further.items() if setting is not None})
    policy: dict[str, Any] = {
        "connection": connection,
        "now": datetime.now(timezone.utc) if now is None else now,
        "consent_checked": consent_checked,
        "cleaning": cleaned_by(cleaning, default_region),
        "default_action_source": default_action_source,
    }
    names = {
        "event_id": event_id,
        "event_name": event_name,
        "event_time": event_time,
        "action_source": action_source,
        "event_source_url": event_source_url,
        "app": app,
        "value": value,
        "currency": currency,
        "order_id": order_id,
        "contents": contents,
        "content_type": content_type,
        "num_items": num_items,
        "search_string": search_string,
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
        "ip": ip,
        "user_agent": user_agent,
        "fbp": fbp,
        "fbc": fbc,
        "fbclid": fbclid,
        "ttp": ttp,
        "ttclid": ttclid,
        "gclid": gclid,
        "gbraid": gbraid,
        "wbraid": wbraid,
        "sccid": sccid,
        "scid": scid,
        "test_event_code": test_event_code,
        "ad_user_data": ad_user_data,
        "ad_personalization": ad_personalization,
    }
    return run("conversion.payloads", frame, policy, names=names, progress=progress, unread=unnamed(names, _ALWAYS))
