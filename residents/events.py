"""What the register tells the departments. Areas are codes; ids are primary keys; no personal value travels."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from portal.events.bus import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRegistered(DomainEvent):
    """`renewal` is true for somebody who has lived in the county before."""

    name: ClassVar[str] = "residents.person_registered"
    person_id: int
    registration_id: int
    area_code: str
    renewal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DwellingsMerged(DomainEvent):
    """Two rows of the address master were one door. Rows in columns declared with `link_dwelling` went along already;
    whatever else keeps the number of the double has to follow."""

    name: ClassVar[str] = "residents.dwellings_merged"
    survivor_id: int
    double_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DwellingsParted(DomainEvent):
    """A merge was taken back: the double is a door of its own again."""

    name: ClassVar[str] = "residents.dwellings_parted"
    survivor_id: int
    double_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCorrected(DomainEvent):
    """Name, document or birth date were wrong. `fields` are their names, never their values."""

    name: ClassVar[str] = "residents.person_corrected"
    person_id: int
    area_code: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChanged(DomainEvent):
    name: ClassVar[str] = "residents.address_changed"
    person_id: int
    old_registration_id: int
    registration_id: int
    from_area_code: str
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdChanged(DomainEvent):
    """One act upon household books: who belongs together, and to whom as head, is to be read anew. `kind` is a
    `HouseholdActKind`; `other_id` is the second book of a split or a join."""

    name: ClassVar[str] = "residents.household_changed"
    household_id: int
    other_id: int | None
    kind: str
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkplaceChanged(DomainEvent):
    name: ClassVar[str] = "residents.workplace_changed"
    person_id: int
    registration_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLeft(DomainEvent):
    name: ClassVar[str] = "residents.person_left"
    person_id: int
    registration_id: int
    area_code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRestored(DomainEvent):
    name: ClassVar[str] = "residents.registration_restored"
    person_id: int
    registration_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationUndone(DomainEvent):
    name: ClassVar[str] = "residents.registration_undone"
    person_id: int
    registration_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfYearReached(DomainEvent):
    """The person may now apply for a permit; the notice goes out, nothing is issued by itself."""

    name: ClassVar[str] = "residents.half_year_reached"
    person_id: int
    registration_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitIssued(DomainEvent):
    name: ClassVar[str] = "residents.permit_issued"
    person_id: int
    permit_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitEndorsed(DomainEvent):
    name: ClassVar[str] = "residents.permit_endorsed"
    person_id: int
    permit_id: int
    area_code: str
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitSuspended(DomainEvent):
    name: ClassVar[str] = "residents.permit_suspended"
    person_id: int
    permit_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitTerminated(DomainEvent):
    name: ClassVar[str] = "residents.permit_terminated"
    person_id: int
    permit_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndorsementDue(DomainEvent):
    """The window opens soon; told once a year for each permit, so that a reminder can go out (Hangzhou art. 25, H6)."""

    name: ClassVar[str] = "residents.endorsement_due"
    person_id: int
    permit_id: int
    area_code: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsMerged(DomainEvent):
    """Two files were of one person: rows about `absorbed_id` are rows about `survivor_id` from now on. Rows in columns
    declared by `extension.link_person` went along already; whatever else keeps the number has to follow."""

    name: ClassVar[str] = "residents.persons_merged"
    merge_id: int
    survivor_id: int
    absorbed_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsParted(DomainEvent):
    """A merge was taken back: `absorbed_id` is a file of its own again, with the rows that were its own."""

    name: ClassVar[str] = "residents.persons_parted"
    merge_id: int
    survivor_id: int
    absorbed_id: int
    area_code: str
