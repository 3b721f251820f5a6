"""The functions of :mod:`stratum.cdp`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from .._native import Columns
from ._door import Progress, cleaned_by, run

__all__ = ["funnel", "normalize", "resolve", "segment", "traits"]


def normalize(
    frame: Any,
    *,
    email: str | None = None,
    phone: str | None = None,
    external_id: str | None = None,
    device_id: str | None = None,
    anonymous_id: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    city: str | None = None,
    state: str | None = None,
    zip: str | None = None,  # noqa: A002  the platforms' word
    country: str | None = None,
    date_of_birth: str | None = None,
    gender: str | None = None,
    platforms: Sequence[str] = (),
    default_region: str | None = None,
    latest_birth: date | str | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: Progress = False,
) -> Columns:
    """Bring identifiers and the fields of a person into their normal form, and into what each ad platform wants of them.

    For each column ``x`` that is there the answer has ``x`` (the normal form, or null), ``x_refusal`` (why there is none, in
    one word) and, for each of ``platforms``, ``x_meta``, ``x_google``, …: the SHA-256 or the value that goes there. Phone
    numbers without a country code are read by ``default_region`` (``"KW"``); ``settings`` are those of
    ``identifier.normalize``.

    Fields of a person (``first_name`` to ``gender``) are those of ``person.normalize``: ``x`` is the text that Meta, TikTok
    and Snapchat take. State and postal code are read as those of the row's ``country``; ``latest_birth`` is the last day on
    which a person can be born (left out: 2026-04-01).
    """
    cleaning = cleaned_by(settings, default_region)
    names = {
        "email": email,
        "phone": phone,
        "external_id": external_id,
        "device_id": device_id,
        "anonymous_id": anonymous_id,
        "first_name": first_name,
        "last_name": last_name,
        "city": city,
        "state": state,
        "zip": zip,
        "country": country,
        "date_of_birth": date_of_birth,
        "gender": gender,
    }
    options: dict[str, Any] = {"settings": cleaning, "platforms": list(platforms)}
    if latest_birth is not None:
        options["latest_birth"] = str(latest_birth)
    return run("identifier.normalize", frame, options, names=names, progress=progress)


def resolve(
    frame: Any,
    *,
    external_id: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    device_id: str | None = None,
    anonymous_id: str | None = None,
    left: str | None = None,
    right: str | None = None,
    left_node: str | None = None,
    right_node: str | None = None,
    confidence: str | None = None,
    event_time: str | None = None,
    event_name: str | None = None,
    identity: Mapping[str, Any] | None = None,
    policy: Mapping[str, Any] | None = None,
    progress: Progress = False,
) -> Columns:
    """Find who is the same person: clusters of identifiers.

    The frame holds events, with a column for each type of identifier (all identifiers of a row are one person's), or links:
    ``left`` and ``right`` (texts ``type:value`` in their normal form), or ``left_node`` and ``right_node`` (numbers).

    Of events the answer has a row for each row: its ``cluster``, named by the best identifier in it, or null where no value
    is an identifier. Values are brought into their normal form first; what stands for nobody (``null``, a shared mailbox)
    links nothing, nor does a phone number without a country code, unless ``identity`` names a ``default_region``. ``tables``
    has the ``identifiers``, each with its cluster. Of links the answer is that table itself.

    Events are resolved under ``identity``, a policy of ``identity.resolve``; the default is strict. The clusters are those
    that it makes of the rows one after the other. Most are found in bulk; those of which a link might be refused are listed
    in ``tables["held"]`` with the reasons, and their rows go through the resolver. ``event_time`` is for the checks that look
    at time; without it all rows are of one instant. A row is as sure as its ``confidence`` says, else as an event of its
    ``event_name`` is: 0.95 of a login or a purchase, 0.9 of any other and without a name.

    Links have no order. Clusters of them that may hold several persons are parted; ``policy`` says when (the request of
    ``identity.stitch``). Given for events, it leaves what is held parted as well.
    """
    if identity is not None:
        if policy is not None:
            raise TypeError("give identity or policy, not both")
        policy = {"identity": identity}
    names = {
        "external_id": external_id,
        "email": email,
        "phone": phone,
        "device_id": device_id,
        "anonymous_id": anonymous_id,
        "left": left,
        "right": right,
        "left_node": left_node,
        "right_node": right_node,
        "confidence": confidence,
        "event_time": event_time,
        "event_name": event_name,
    }
    return run("identity.stitch", frame, policy, names=names, progress=progress)


def segment(
    frame: Any,
    rules: Mapping[str, Any],
    *,
    now: datetime | str,
    profile_id: str | None = None,
    event_name: str | None = None,
    event_time: str | None = None,
    columns: Mapping[str, str] | None = None,
    progress: Progress = False,
) -> Columns:
    """Find the members of a segment at an instant.

    Rules about profiles read a column for each field that they name (``data.city``, ``trait.ltv``,
    ``profile.total_events``) and give ``member`` for each row. Rules about events (``event.Purchase.count``) read
    events, in any order: ``profile_id``, ``event_name``, ``event_time`` and a column for each property that they name;
    they give ``profile_id`` and ``member`` for each profile. ``columns`` says what the frame calls a field or property.
    """
    options = {"rules": rules, "now": now}
    names = {"profile_id": profile_id, "event_name": event_name, "event_time": event_time, **(columns or {})}
    return run("segment.evaluate", frame, options, names=names, progress=progress)


def funnel(
    frame: Any,
    steps: Sequence[str | Mapping[str, Any]],
    *,
    profile_id: str | None = None,
    event_name: str | None = None,
    event_time: str | None = None,
    order: Literal["ordered", "unordered"] = "ordered",
    conversion_window_days: int = 30,
    step_timeout_hours: int | None = None,
    break_down: str | None = None,
    columns: Mapping[str, str] | None = None,
    progress: Progress = False,
) -> Columns:
    """Count how many people took each of 2 to 20 steps, how long it took them, and where they stopped.

    A step is the name of an event, or a dict of ``event_name``, ``step_name`` and ``conditions`` on its properties, each of
    which is a column (``columns`` says what the frame calls it). The frame holds events, in any order: ``profile_id``,
    ``event_name``, ``event_time``; those of one instant count in the order of their rows. The answer has a row for each step,
    ``tables["summary"]`` says how many entered and converted. ``break_down`` names a property of the event that takes the
    first step: ``tables["groups"]`` then has a row for each of its values.
    """
    options = {
        "steps": [{"event_name": step} if isinstance(step, str) else step for step in steps],
        "order": order,
        "conversion_window_days": conversion_window_days,
        "step_timeout_hours": step_timeout_hours,
        "break_down": break_down,
    }
    names = {"profile_id": profile_id, "event_name": event_name, "event_time": event_time, **(columns or {})}
    return run("funnel.evaluate", frame, options, names=names, progress=progress)


def traits(
    frame: Any,
    definitions: Sequence[Mapping[str, Any]],
    *,
    now: datetime | str,
    profile_id: str | None = None,
    event_name: str | None = None,
    event_time: str | None = None,
    event_id: str | None = None,
    columns: Mapping[str, str] | None = None,
    progress: Progress = False,
) -> Columns:
    """Compute traits of profiles from their events, formulas included (the definitions of ``traits.compute``).

    The frame holds events, in any order: ``profile_id``, ``event_name``, ``event_time``, and a column for each property
    that a trait reads (``columns`` says what the frame calls it). The answer has a row for each profile: ``profile_id``
    and a column for each trait. Of two events of one instant the later is the one with the larger ``event_id``; without that
    column, the one that stands later. Fields of the profile itself, which a formula may name, are missing here.
    """
    options = {"traits": list(definitions), "now": now}
    names = {"profile_id": profile_id, "event_name": event_name, "event_time": event_time, "event_id": event_id}
    return run("traits.compute", frame, options, names={**names, **(columns or {})}, progress=progress)
