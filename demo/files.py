"""What a permit file, a permit and its steps consist of before they become rows."""

from dataclasses import dataclass, field
from datetime import date

from demo.people import Someone
from demo.records import Stay
from residents.choices import ApplicationKind, ApplicationStatus, PermitStatus


@dataclass(slots=True)
class Card:
    """A permit. `stay` is the one whose dwelling stands on the card."""

    person: Someone
    stay: Stay
    ground: str
    issued: date
    counted_from: date
    endorse_by: date
    endorse_from: date
    status: str = PermitStatus.ACTIVE.value
    suspended: date | None = None
    terminated: date | None = None
    reason: str = ""
    end_proposed: str = ""
    serial: int = 1
    delivered: date | None = None
    reminded: date | None = None
    touched: date = date.min
    pk: int = 0


@dataclass(slots=True)
class File:
    """One application. Dates are days; the writer makes moments of them."""

    person: Someone
    stay: Stay
    ground: str
    submitted: date
    registrar: int
    kind: str = ApplicationKind.FIRST.value
    status: str = ApplicationStatus.ACCEPTED.value
    half_year: date | None = None
    grounds: tuple[str, ...] = ()
    applicant: str = ""
    relation: str = ""
    notice: date | None = None
    missing: list[str] = field(default_factory=list)
    papers: list[tuple[str, bool, date | None]] = field(default_factory=list)
    accepted: date | None = None
    paused: date | None = None
    reviewer: int | None = None
    reviewed: date | None = None
    signer: int | None = None
    signed: date | None = None
    closed: date | None = None
    reason: str = ""
    fee: int = 0
    card: Card | None = None
    pk: int = 0

    @property
    def touched(self) -> date:
        days = (self.submitted, self.notice, self.accepted, self.reviewed, self.signed, self.closed)
        return max(day for day in days if day)


@dataclass(slots=True)
class Step:
    card: Card
    kind: str
    day: date
    actor: int | None
    reason: str = ""


@dataclass(slots=True)
class Stamp:
    """A yearly endorsement."""

    card: Card
    day: date
    late: bool
    previous_due: date
    next_due: date
    actor: int


@dataclass(slots=True)
class Drawer:
    """Everything one batch of people brought to the desk."""

    files: list[File] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
