"""What `verify` has to say of a collection."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from osiris_crawler.verify import faults
from osiris_crawler.verify.checking import Found
from osiris_crawler.verify.faults import Fault


@dataclass(slots=True)
class Verdict:
    """What was looked at, by check, and what was found. `notes` counts what others would complain about."""

    looked: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)  # faults by check
    faults: list[Fault] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    files: int = 0
    bytes: int = 0
    sums: dict[str, str] = field(default_factory=dict)  # sha-256 of every closed file, as it is now

    def fault(self, check: str, code: str, file: str, offset: int = 0, record_id: str = "", detail: str = "") -> None:
        self.counts[check] += 1
        self.faults.append(Fault(check, code, file, offset, record_id, detail[:500]))

    def add(self, found: Found) -> None:
        """Take over what was found in a stretch."""
        self.looked += found.looked
        self.counts += found.fault_counts
        self.notes += found.notes
        self.faults += found.faults

    @property
    def whole(self) -> bool:
        """Whether something was looked at and nothing was wrong."""
        return self.looked[faults.MEMBERS] > 0 and not self.counts

    def in_order(self) -> list[Fault]:
        """Faults by check, file and offset."""
        order = {name: place for place, name in enumerate(faults.CHECKS)}
        return sorted(self.faults, key=lambda fault: (order[fault.check], fault.file, fault.offset))
