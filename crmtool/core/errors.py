"""Errors about a request. Each class owns its exit code; the message says what happened, the hint what to do next.

Faults of data are findings (see `findings`), never errors. To add an error: a subclass with its own `exit_code`.
"""

from __future__ import annotations


class CrmError(Exception):
    """A request that cannot be done, for a reason the person can mend; shown as one line and a hint, no trace."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "", problems: list[str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.problems = problems or []  # what stands in the way, one line each


class UsageError(CrmError):
    """The command was given something it cannot take."""


class RuleError(CrmError):
    """Rule files are wrong; `problems` lists every mistake found, one line each."""

    def __init__(self, problems: list[str]) -> None:
        count = f"{len(problems)} mistake" + ("s" if len(problems) > 1 else "")
        hint = "Correct the files and check them with: crmtool rules check"
        super().__init__(f"The rules have {count}:", hint, problems)


class ColumnsUnknown(CrmError):
    """What columns of a file are is not sure, and nobody could be asked; `problems` lists them."""

    exit_code = 1


class SafetyRefused(CrmError):
    """A safety or consent limit refuses the request."""

    exit_code = 5


class Conflict(CrmError):
    """The store has moved, or an undo would lose later work; `problems` lists what stands in the way."""

    exit_code = 6


class NoWorkspace(CrmError):
    """There is no workspace or store where one was looked for."""

    exit_code = 10


class Locked(CrmError):
    """Another run is writing."""

    exit_code = 11


class KeyMissing(CrmError):
    """The workspace key is absent, unreadable or of another store."""

    exit_code = 12


class StoreDamaged(CrmError):
    """The store is damaged, was edited from outside, or is too new for this version."""

    exit_code = 13


class NotWritable(CrmError):
    """The disk is full, or the place is read-only."""

    exit_code = 14


class RoleRefused(CrmError):
    """The role of the user may not do or see this."""

    exit_code = 15


class InputRefused(CrmError):
    """The input file cannot be read as a table of contacts."""

    exit_code = 16
