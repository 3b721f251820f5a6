"""Stratum decides whether an automated change to advertising spend may run, and says why.

>>> import stratum
>>> health = stratum.health.evaluate(
...     tenant_id="0198c9a0-0000-7000-8000-000000000001",
...     platform="META",
...     now="2026-03-01T12:00:00Z",
...     components={"EMQ": 90, "API_HEALTH": None, "EVENT_LOSS": 95, "PLATFORM_STABILITY": 100, "DATA_QUALITY": 98},
...     data_as_of="2026-03-01T11:00:00Z",
... )
>>> gate = stratum.Gate()
>>> answer = gate.evaluate(action_type="BUDGET_INCREASE", snapshot=health, now="2026-03-01T12:01:00Z")
>>> answer.decision, [reason.code for reason in answer.reasons]
('HOLD', ['COMPONENT_MISSING'])

Scores are 0 to 100, instants are ``datetime`` with a time zone or RFC 3339 text, amounts are minor units (cents).
What is wrong with an input comes as one :class:`StratumError` that lists every problem.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from . import attribution, audience, autopilot, cdp, conversion, gate, health
from ._call import call
from ._errors import PlatformError, Problem, StratumError
from ._native import (
    Columns,
    ComponentReading,
    Gate,
    GateEvaluation,
    HealthIssue,
    HealthSnapshot,
    Reason,
    Remedy,
    call_frame,
    call_json,
    operations,
    schema_json,
)
from .autopilot import Action, Autopilot, ExecutionFacts

if TYPE_CHECKING:
    from . import audit, backtest, decision, emq, enforcement, models, types, whatif
    from .models import DecisionPolicy, EnforcementRule, EnforcementSettings, TrustPolicy
else:
    # Making the classes of `models` and `types` takes many times as long as all else here together, so whatever needs them
    # is loaded when somebody asks for it.
    _LATER = {"audit", "backtest", "decision", "emq", "enforcement", "models", "types", "whatif"}
    _MODELS = {"DecisionPolicy", "EnforcementRule", "EnforcementSettings", "TrustPolicy"}

    def __getattr__(name):
        if name in _LATER:
            return import_module(f"{__name__}.{name}")
        if name in _MODELS:
            globals()[name] = found = getattr(import_module(f"{__name__}.models"), name)
            return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *_LATER, *_MODELS})


__all__ = [
    "Action",
    "Autopilot",
    "Columns",
    "ComponentReading",
    "DecisionPolicy",
    "EnforcementRule",
    "EnforcementSettings",
    "ExecutionFacts",
    "Gate",
    "GateEvaluation",
    "HealthIssue",
    "HealthSnapshot",
    "PlatformError",
    "Problem",
    "Reason",
    "Remedy",
    "StratumError",
    "TrustPolicy",
    "attribution",
    "audience",
    "audit",
    "autopilot",
    "backtest",
    "call",
    "call_frame",
    "call_json",
    "cdp",
    "conversion",
    "decision",
    "emq",
    "enforcement",
    "gate",
    "health",
    "models",
    "operations",
    "schema_json",
    "types",
    "whatif",
]
