"""What can go wrong, and what the process says of it.

    OsirisError                   exit  a sentence: what, where, what to do next
    ├── UsageError                  2   a bad option, date, section, URL, settings file
    ├── Unfinished                  3   finished, but some addresses newly got no final answer
    ├── CollectionLocked            4   another run holds the collection
    ├── SiteUnreachable             5   no answer, robots.txt forbids all, 5xx or a block page throughout
    ├── IntegrityError              6   the archive or the ledger contradicts itself
    └── Alarm                       7   the site or its markup has changed, results can't be trusted

The numbers are CONTRACT's table; `Exit` is the only place where the code names them.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    UNFINISHED = 3
    LOCKED = 4
    UNREACHABLE = 5
    INTEGRITY = 6
    ALARM = 7
    BUDGET = 8
    INTERRUPTED = 130


# Where several apply, the first of these wins.
PRECEDENCE = (Exit.INTEGRITY, Exit.ALARM, Exit.UNREACHABLE, Exit.UNFINISHED, Exit.BUDGET)


def worst(codes: set[Exit]) -> Exit:
    """The code to leave with when several apply."""
    return next((code for code in PRECEDENCE if code in codes), Exit.DONE)


class OsirisError(Exception):
    """A failure with a sentence for people and, where there is one, the next step.

    `what` says what happened and where; `hint` says what to type or do next.
    """

    exit = Exit.UNEXPECTED

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what} {self.hint}".rstrip()


class UsageError(OsirisError):
    exit = Exit.USAGE


class Unfinished(OsirisError):
    exit = Exit.UNFINISHED


class CollectionLocked(OsirisError):
    exit = Exit.LOCKED


class SiteUnreachable(OsirisError):
    exit = Exit.UNREACHABLE


class IntegrityError(OsirisError):
    exit = Exit.INTEGRITY


class Alarm(OsirisError):
    exit = Exit.ALARM
