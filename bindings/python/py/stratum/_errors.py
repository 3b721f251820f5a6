"""What was wrong with an input: every problem at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .types import PlatformErrorCode

__all__ = ["PlatformError", "Problem", "StratumError"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input."""

    path: str
    """Where: a JSON pointer into the input; empty for the input as a whole."""
    code: str
    """What kind: stable, for programs, such as ``'missing_field'``."""
    message: str
    """What was wrong, in a sentence."""
    help: str | None = None
    """What to write instead, where that can be said."""

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        advice = f"; {self.help}" if self.help else ""
        return f"{place}{self.message} ({self.code}){advice}"


class StratumError(ValueError):
    """An input was refused. ``problems`` lists everything that is wrong with it."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class PlatformError(Exception):
    """Raised by a platform that you write: why a call gave no receipt.

    Only this exception can say that nothing was done. After any other one nobody knows whether the change was made, and
    it is never sent again unasked.
    """

    platform_error_code: PlatformErrorCode
    retry_after_ms: int | None

    def __init__(self, code: PlatformErrorCode, message: str, *, retry_after_ms: int | None = None) -> None:
        super().__init__(message)
        self.platform_error_code = code
        self.retry_after_ms = retry_after_ms
