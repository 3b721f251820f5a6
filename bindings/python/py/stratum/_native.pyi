"""The compiled part of ``stratum``. Written by hand, so that it can say more than signatures; stubtest holds it to the code."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NoReturn, final
from uuid import UUID

from typing_extensions import CapsuleType, Self

from .models import DecisionPolicy, EnforcementFacts, GateFacts, OpenIncident, TrustPolicy
from .types import (
    ActionType,
    EntityType,
    GateDecision,
    GateReason,
    GateResponse,
    GateSubject,
    HealthComponent,
    HealthIssueCode,
    HealthPreset,
    HealthStatus,
    MarkovAttribution,
    Platform,
    ReasonKind,
    RemedyCode,
    ShapleyAttribution,
)
from .types import Applied as AppliedDict
from .types import ChainHead as ChainHeadDict
from .types import ComponentReading as ComponentReadingDict
from .types import EnforcementCheck as EnforcementCheckDict
from .types import HealthIssue as HealthIssueDict
from .types import HealthRequest as HealthRequestDict
from .types import HealthSnapshot as HealthSnapshotDict
from .types import OpenIncident as OpenIncidentDict
from .types import PlatformError as PlatformErrorDict
from .types import Reason as ReasonDict
from .types import Remedy as RemedyDict
from .types import StoredRecord as StoredRecordDict
from .types import TrustPolicy as TrustPolicyDict

__all__ = [
    "Action",
    "AuditChains",
    "CallResult",
    "Claim",
    "Columns",
    "ComponentReading",
    "CreditTotals",
    "Executor",
    "Gate",
    "GateEvaluation",
    "HealthIssue",
    "HealthSnapshot",
    "Links",
    "PathCounts",
    "Reason",
    "Remedy",
    "_panic_for_tests",
    "action_id",
    "call",
    "call_frame",
    "call_json",
    "evaluate_health",
    "operations",
    "queue_action",
    "schema_json",
    "shapley_of_table",
]

def call(name: str, request: Any, /) -> Any: ...
def call_json(name: str, body: str, /) -> str:
    """Run an operation by its name on JSON text."""

def call_frame(
    name: str,
    frame: Any,
    policy: TrustPolicy | Mapping[str, Any] | None = None,
    /,
    *,
    columns: Mapping[str, str | None] | None = None,
    progress: Callable[[int, int | None], object] | None = None,
) -> Columns:
    """Run the batch form of an operation over the columns of a data frame that it knows by name.

    ``columns`` says what the frame calls a column of the operation, None for one that is not to be read.
    ``progress`` hears of the rows that are done and of all rows, where the frame knows how many it has;
    what it raises ends the work, as Ctrl-C does.
    """

def operations() -> list[dict[str, Any]]:
    """Give the operations: name, doc, the JSON Schemas of request and response, the columns of the batch form."""

def schema_json() -> str:
    """Give the document with all schemas, as JSON text."""

def evaluate_health(request: HealthRequestDict | Mapping[str, Any], /) -> HealthSnapshot: ...
def _panic_for_tests() -> NoReturn: ...
@final
class Reason:
    """Why the gate said what it said, with the numbers compared."""

    @property
    def code(self) -> GateReason:
        """The condition that was met, such as 'HEALTH_STALE'."""

    @property
    def decision(self) -> GateDecision:
        """What the condition leads to."""

    @property
    def kind(self) -> ReasonKind:
        """Forbidden by a rule, not permitted by anything, or not evaluated because an input is missing or broken."""

    @property
    def platform(self) -> Platform | None:
        """On which platform; None where it is about the tenant or the request."""

    @property
    def component(self) -> HealthComponent | None:
        """Which component, where it is about one."""

    @property
    def actual(self) -> float | None:
        """What was found: a score, or an age in minutes (snapshots) or hours (data)."""

    @property
    def limit(self) -> float | None:
        """What it was compared with, in the same unit."""

    @property
    def bound(self) -> str | None:
        """The policy field or constant of the engine that set the limit."""

    @property
    def message(self) -> str:
        """The reason as a sentence."""

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | ReasonDict) -> Self:
        """One that was stored or sent as a dict."""

    def to_dict(self) -> ReasonDict:
        """The same as a dict."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Remedy:
    """One thing that would change a refusal."""

    @property
    def code(self) -> RemedyCode:
        """What to do, such as 'RAISE_COMPONENT'."""

    @property
    def platform(self) -> Platform | None:
        """On which platform."""

    @property
    def component(self) -> HealthComponent | None:
        """To which component."""

    @property
    def current(self) -> float | None:
        """The score now; None if it is missing."""

    @property
    def needed(self) -> float | None:
        """The score that would be enough."""

    @property
    def message(self) -> str:
        """The remedy as a sentence."""

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | RemedyDict) -> Self:
        """One that was stored or sent as a dict."""

    def to_dict(self) -> RemedyDict:
        """The same as a dict."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class ComponentReading:
    """One component of signal health."""

    @property
    def name(self) -> HealthComponent:
        """Which component."""

    @property
    def score(self) -> float | None:
        """0 to 100; None if it was not measured."""

    @property
    def weight(self) -> float:
        """0 to 100."""

    @property
    def contribution(self) -> float:
        """weight * score / 100; 0 when missing."""

    @property
    def required(self) -> bool:
        """Whether the gate holds without it."""

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | ComponentReadingDict) -> Self:
        """One that was stored or sent as a dict."""

    def to_dict(self) -> ComponentReadingDict:
        """The same as a dict."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class HealthIssue:
    """One thing that is wrong with the signals."""

    @property
    def code(self) -> HealthIssueCode:
        """What is wrong, such as 'COMPONENT_MISSING'."""

    @property
    def component(self) -> HealthComponent | None:
        """Which component, where it is about one."""

    @property
    def actual(self) -> float | None:
        """The measured value."""

    @property
    def limit(self) -> float | None:
        """The value that it is compared with."""

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | HealthIssueDict) -> Self:
        """One that was stored or sent as a dict."""

    def to_dict(self) -> HealthIssueDict:
        """The same as a dict."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class HealthSnapshot:
    """The health of one platform of one tenant at one instant. Made by :func:`stratum.health.evaluate`."""

    @property
    def tenant_id(self) -> str:
        """Whose health."""

    @property
    def platform(self) -> Platform:
        """Of which platform."""

    @property
    def preset(self) -> HealthPreset:
        """Which weights were in force."""

    @property
    def score(self) -> float:
        """0 to 100."""

    @property
    def status(self) -> HealthStatus:
        """What the score stands for by the tenant's thresholds."""

    @property
    def coverage_pct(self) -> float:
        """The sum of the weights that were measured, 0 to 100."""

    @property
    def components(self) -> list[ComponentReading]:
        """The components in force."""

    @property
    def issues(self) -> list[HealthIssue]:
        """What is wrong with the signals."""

    @property
    def computed_at(self) -> datetime:
        """When the evaluation was made, in UTC."""

    @property
    def data_as_of(self) -> datetime | None:
        """The instant of the newest platform data; None if unknown."""

    def to_dict(self) -> HealthSnapshotDict:
        """The same as a dict, as it is stored and sent."""

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | HealthSnapshotDict) -> Self:
        """A snapshot that was stored or sent as a dict."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]
    def __reduce__(self) -> tuple[Any, tuple[HealthSnapshotDict]]: ...

@final
class Gate:
    """The trust gate under one tenant's policy: validated once, then asked as often as you like, from any thread.

    Raises :class:`stratum.StratumError` with every problem of the policy.
    """

    def __new__(cls, policy: TrustPolicy | Mapping[str, Any] | None = None) -> Self: ...
    def evaluate(
        self,
        *,
        action_type: GateSubject,
        now: datetime | str,
        snapshot: HealthSnapshot | None = None,
        snapshots: Sequence[HealthSnapshot] = ...,
        platform: Platform | None = None,
        platforms: Sequence[Platform] | None = None,
        tenant_id: str | UUID | None = None,
        entity_type: EntityType | None = None,
        entity_id: str | None = None,
        frozen: bool = False,
        incidents: Sequence[OpenIncident | OpenIncidentDict] | None = None,
    ) -> GateEvaluation:
        """Ask whether a change may run now.

        ``snapshot`` is the newest health snapshot of the platform; a change that touches several platforms gives them
        all as ``snapshots``. Without one the answer is BLOCK. ``platform`` and ``tenant_id`` are taken from the
        snapshots where they are left out.
        """

    @property
    def policy(self) -> TrustPolicyDict:
        """The policy as a dict, defaults included."""

    @property
    def policy_digest(self) -> str:
        """SHA-256 of the policy: what a recorded decision names it by."""

    def threshold(self, action_type: GateSubject) -> float:
        """The score from which a change of this type passes: at least 70."""

    def __reduce__(self) -> tuple[Any, tuple[TrustPolicyDict]]: ...

@final
class GateEvaluation:
    """What the gate said. Made by :meth:`Gate.evaluate` alone."""

    @property
    def decision(self) -> GateDecision:
        """'PASS', 'HOLD' or 'BLOCK'."""

    @property
    def passed(self) -> bool:
        """Whether the decision is 'PASS'."""

    @property
    def score(self) -> float | None:
        """The lowest score among the platforms concerned; None where one has no snapshot."""

    @property
    def threshold(self) -> float:
        """The score from which this change passes, 70 to 100."""

    @property
    def reasons(self) -> list[Reason]:
        """Every reason, block before hold; never empty."""

    @property
    def remedies(self) -> list[Remedy]:
        """What would change a refusal; empty for a pass."""

    @property
    def valid_until(self) -> datetime | None:
        """Until when a pass holds; None for a refusal."""

    @property
    def evaluated_at(self) -> datetime:
        """The instant of the decision."""

    @property
    def policy_digest(self) -> str:
        """SHA-256 of the policy that decided."""

    def to_dict(self) -> GateResponse:
        """The same as a dict, with the remedies: what ``call("gate.evaluate", …)`` answers."""

@final
class Columns:
    """Columns of an answer, for whichever data frame you use.

    ``polars.DataFrame(columns)``, ``pyarrow.table(columns)``, ``pandas.DataFrame.from_arrow(columns)``.
    """

    @property
    def names(self) -> list[str]:
        """The names of the columns."""

    @property
    def tables(self) -> dict[str, Columns]:
        """What else the operation answers, by name; most operations answer with one table."""

    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> CapsuleType: ...

@final
class Links:
    """Which identifiers are one person's: parts that are linked apart merge to the same clusters, whatever the parts.

    ``identity`` or ``policy``, as ``stratum.cdp.resolve`` takes them, hold from the first event on, travel with the state, and
    are the same in all parts that merge.
    """

    def __new__(cls, *, identity: Mapping[str, Any] | None = None, policy: Mapping[str, Any] | None = None) -> Links: ...
    def add(self, frame: Any, /, *, columns: Mapping[str, str | None] | None = None) -> None:
        """Link the identifiers of each row of a frame of events: that of ``stratum.cdp.resolve``."""

    def merge(self, other: Links) -> None:
        """Add what another state has linked; refused if that was by another policy."""

    def to_bytes(self) -> bytes:
        """The state as bytes, its policy with it."""

    @staticmethod
    def from_bytes(state: bytes) -> Links:
        """The state that ``to_bytes`` wrote: ``foreign_state`` for what is none of this version, ``damaged_state`` for a broken one."""

    def clusters(self, *, policy: Mapping[str, Any] | None = None, parted: bool = False) -> Columns:
        """The cluster of each identifier; ``tables["held"]`` has those that may hold several persons and were parted.

        ``policy`` may say otherwise what a cluster may hold. Under ``identity`` these clusters need their events, which a state
        does not keep: there they are refused (``needs_events``), or parted if ``parted`` says so.
        """

    def __len__(self) -> int: ...

@final
class PathCounts:
    """How often each path of channels was taken, and what came of it: parts that are counted apart merge, to the last bit."""

    def __new__(cls) -> PathCounts: ...
    def add(self, frame: Any, /, *, columns: Mapping[str, str | None] | None = None) -> None:
        """Count the journeys of a frame of touches: that of ``stratum.attribution.rules`` and ``markov``."""

    def add_path(self, path: Sequence[str], /, *, conversions: int = 0, nulls: int = 0, value_cents: int = 0) -> None:
        """Count journeys along these channels."""

    def merge(self, other: PathCounts) -> None:
        """Add what another state has counted."""

    def subtract(self, other: PathCounts) -> None:
        """Take away what another state has counted; refused if it counted what this one has not."""

    def to_bytes(self) -> bytes:
        """The state as bytes; states that have counted the same give the same bytes."""

    @staticmethod
    def from_bytes(state: bytes) -> PathCounts:
        """The state that ``to_bytes`` wrote."""

    def markov(self, *, order: int = 1, intervals: Mapping[str, Any] | None = None) -> MarkovAttribution:
        """What each channel has earned, by removal effects: what ``call("attribution.markov", …)`` answers."""

    def shapley(self, *, intervals: Mapping[str, Any] | None = None) -> ShapleyAttribution:
        """What each channel adds: what ``call("attribution.shapley", …)`` answers."""

    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class CreditTotals:
    """What channels were credited by rules, day by day: parts that are credited apart merge, to the last bit.

    All six models if none are named; the parts that merge are credited by the same models and half-life.
    """

    def __new__(cls, models: Sequence[str] | None = None, *, half_life_days: float = 7.0) -> CreditTotals: ...
    def add(self, frame: Any, /, *, columns: Mapping[str, str | None] | None = None) -> None:
        """Add what the journeys of a frame of touches give: that of ``stratum.attribution.rules``.

        Each journey lies in one frame with all its touches. ``booked_at``, the same in each row of a journey, says when its
        conversion counts, where that is another day than ``converted_at``: a refund counts when the money goes back.
        """

    def merge(self, other: CreditTotals) -> None:
        """Add what another part was credited; refused if that was by other models or settings."""

    def finish(self) -> Columns:
        """A row for each ``date`` (UTC), ``model``, ``channel`` (null for what no touch led to) and ``campaign``, where these are
        told apart: ``conversions`` and ``value_cents``.
        """

    def to_bytes(self) -> bytes:
        """The state as bytes; equal credits by equal rules give equal bytes."""

    @staticmethod
    def from_bytes(state: bytes) -> CreditTotals:
        """The state that ``to_bytes`` wrote."""

    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

def shapley_of_table(frame: Any, /, *, columns: Mapping[str, str | None] | None = None) -> list[float]:
    """The Shapley value of each player of a game, exact for up to 20.

    The frame has one column, ``worth``, of 2**n numbers: row ``set`` is what the players of the bits of ``set`` are worth
    together (bit i is player i).
    """

def queue_action(proposed: Mapping[str, Any], now: datetime | str, /) -> Action:
    """Queue an action: every problem of it, or the action as it waits for approval."""

def action_id(now: datetime | str, random: bytes, /) -> str:
    """Make an action id (UUID version 7) of an instant and ten random bytes."""

@final
class Action:
    """An action with its state. Frozen: each step gives the action as it is afterwards."""

    @property
    def id(self) -> str:
        """The id, which is also the idempotency key of the platform call."""

    @property
    def tenant_id(self) -> str:
        """Whose action."""

    @property
    def action_type(self) -> ActionType:
        """What it does."""

    @property
    def platform(self) -> Platform:
        """Where."""

    @property
    def entity_type(self) -> EntityType:
        """To what kind of thing."""

    @property
    def entity_id(self) -> str:
        """The platform's id of it."""

    @property
    def status(self) -> Literal["QUEUED", "APPROVED", "APPLIED", "FAILED", "DISMISSED"]:
        """The status as its tenant sees it."""

    @property
    def state(self) -> Literal["QUEUED", "APPROVED", "APPLYING", "APPLIED", "FAILED", "DISMISSED"]:
        """The state inside the engine: an action that is being applied is shown as approved."""

    @property
    def status_reason(self) -> str | None:
        """Why it failed or was dismissed."""

    @property
    def expires_at(self) -> datetime | None:
        """When the present state expires; None for a final one and for one that is being applied."""

    def approve(self, *, by: str | UUID, now: datetime | str, override_reason: str | None = None) -> Action:
        """Approve it for a person. An ``override_reason`` executes it by hand although the gate holds."""

    def dismiss(self, *, now: datetime | str) -> Action:
        """Dismiss it before it was approved."""

    def expire(self, *, now: datetime | str) -> Action:
        """Give the action as expired, if its time is over; else itself."""

    def lease_lapsed(self, *, now: datetime | str) -> bool:
        """Whether the call of its executor was never reported and its lease has run out."""

    def to_dict(self) -> dict[str, Any]:
        """The same as a dict, as it is stored."""

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """An action that was stored as a dict."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Executor:
    """Executes approved actions on a platform under one policy. Stores nothing: :class:`stratum.Autopilot` does."""

    def __new__(cls, platform: Any, policy: DecisionPolicy | Mapping[str, Any] | None = None) -> Self: ...
    def claim(
        self,
        action: Action,
        gate: GateFacts | Mapping[str, Any],
        limits: EnforcementFacts | Mapping[str, Any],
    ) -> Claim:
        """Decide whether an approved action is executed now. Changes nothing; store its action before you apply it."""

    def apply(self, claim: Claim, *, now: datetime | str) -> CallResult:
        """Use the permit of a claim: call the platform once."""

    def look_up(self, action: Action, *, now: datetime | str) -> Action:
        """Ask the platform what became of a call that was never reported."""

@final
class Claim:
    """What was decided at the claim. With ``step`` 'EXECUTE' it holds the permit for one call."""

    @property
    def step(self) -> Literal["EXECUTE", "WAIT", "FAIL"]:
        """'EXECUTE' (store the action, then apply), 'WAIT' (it stays approved) or 'FAIL' (a hard limit; store it)."""

    @property
    def action(self) -> Action:
        """The action as it is to be stored now."""

    @property
    def waiting_for(self) -> str | None:
        """What it waits for."""

    @property
    def until(self) -> datetime | None:
        """From when the change limits allow it, where they are all it waits for."""

    @property
    def gate(self) -> GateEvaluation:
        """What the gate said."""

    @property
    def enforcement(self) -> EnforcementCheckDict:
        """What the limits said."""

@final
class CallResult:
    """What came of a call: the action as it is to be stored now, and the receipt or the error."""

    @property
    def action(self) -> Action:
        """The action as it is to be stored now."""

    @property
    def receipt(self) -> AppliedDict | None:
        """The platform's receipt; None without one."""

    @property
    def error(self) -> PlatformErrorDict | None:
        """Why there is no receipt."""

@final
class AuditChains:
    """The audit chains of the tenants, kept in memory. :func:`stratum.audit.verify` checks what ``records`` gives."""

    def __new__(cls) -> Self: ...
    def note(
        self,
        what: str,
        action: Action,
        *,
        now: datetime | str,
        by: str | UUID | None = None,
        claim: Claim | None = None,
        reason: str | None = None,
    ) -> None:
        """Append what happened to an action: by a person, or by the engine itself."""

    def records(self, tenant_id: str) -> list[StoredRecordDict]:
        """The records of a tenant as dicts, oldest first."""

    def head(self, tenant_id: str) -> ChainHeadDict:
        """Where a tenant's chain ends: keep it elsewhere, and a truncation shows."""
