"""May this person apply for a residence permit, and why (not)? Computed and shown before anything is typed."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.policy.divisions import division_name
from portal.policy.services import rule, shift
from residents.choices import DocumentKind, Ground, PermitStatus, RegistrationStatus
from residents.models import OPEN_APPLICATION, Permit, PermitApplication, Person, Registration

# A small child has no card of its own yet: the booklet carries the same number (R3, R4).
CITIZEN_DOCUMENTS = {DocumentKind.RESIDENT_ID, DocumentKind.HOUSEHOLD_BOOK}
HMT_DOCUMENTS = {DocumentKind.HK_MACAU_PERMIT, DocumentKind.TAIWAN_PERMIT, DocumentKind.HMT_RESIDENCE}
WORK_REASONS = {"01", "02", "03", "04", "08"}
SCHOOL_REASON = "06"
HOMES = {"02", "03", "05"}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the check list. `blocking` ones decide; the others ask a person to look at the papers."""

    code: str
    passed: bool
    label: str
    detail: str
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Eligibility:
    """`grounds` are those the register itself speaks for; a paper may prove another one (R1, H2: one is enough)."""

    eligible: bool
    half_year_on: date | None
    grounds: tuple[str, ...]
    checks: tuple[Check, ...]
    explanation: str
    by_guardian: bool = False

    @property
    def all_passed(self) -> bool:
        return all(check.passed for check in self.checks)

    def snapshot(self) -> dict[str, Any]:
        """What is kept with the file, in the language it was computed in."""
        return {
            "half_year_on": self.half_year_on.isoformat() if self.half_year_on else "",
            "grounds": list(self.grounds),
            "checks": [asdict(check) for check in self.checks],
        }


def half_year_on(registration: Registration) -> date:
    """The first day on which half a year is full: it runs from registration, not arrival (Z10).

    Days during which a permit was suspended do not count (H4).
    """
    term = rule("permit.residence_months", on=registration.counts_from, area_code=registration.area_code)
    return shift(registration.counts_from, int(term.value), term.unit) + timedelta(days=registration.suspended_days)


def residence_years(permit: Permit, on: date) -> int:
    """Full years of residence; they run anew from a late endorsement (R9) and stand still while suspended (H4)."""
    until = permit.suspended_on if permit.status == PermitStatus.SUSPENDED and permit.suspended_on else on
    years = until.year - permit.counted_from.year
    return max(0, years - (shift(permit.counted_from, years, "year") > until))


def age_on(person: Person, day: date) -> int:
    years = day.year - person.birth_date.year
    return years - ((day.month, day.day) < (person.birth_date.month, person.birth_date.day))


def needs_guardian(person: Person, day: date) -> bool:
    """Under sixteen the guardian or a close relative applies (decree 663 art. 9, R4)."""
    return age_on(person, day) < int(rule("permit.agent_below_age", on=day, area_code=person.area_code).value)


def active_registration(person: Person) -> Registration | None:
    active = Registration.objects.filter(person=person, status=RegistrationStatus.ACTIVE)
    return active.select_related("dwelling").first()


def eligibility(subject: Person | Registration, on: date, *, except_file: int | None = None) -> Eligibility:
    """For a first issue. `except_file` leaves out the file that is being decided when looking for open ones."""
    person = subject.person if isinstance(subject, Registration) else subject
    registration = subject if isinstance(subject, Registration) else active_registration(person)
    full_on = half_year_on(registration) if registration else None
    grounds = supported_grounds(registration) if registration else ()
    checks = (
        _document(person),
        _origin(person, registration),
        _residence(registration),
        _half_year(registration, full_on, on),
        _ground(registration, grounds),
        _no_permit(person),
        _no_open_file(person, except_file),
    )
    refused = [check for check in checks if check.blocking and not check.passed]
    guardian = needs_guardian(person, on)
    return Eligibility(
        eligible=not refused,
        half_year_on=full_on,
        grounds=grounds,
        checks=(*checks, *([_guardian(person, on)] if guardian else [])),
        explanation=" ".join(check.detail for check in refused) or _explain(grounds),
        by_guardian=guardian,
    )


def supported_grounds(registration: Registration) -> tuple[str, ...]:
    """Which of the three conditions the register's own data speak for (R1, H2)."""
    works = registration.reason[:2] in WORK_REASONS and bool(registration.workplace)
    learns = registration.reason[:2] == SCHOOL_REASON
    lives = registration.lodging[:2] in HOMES
    found = [(Ground.JOB, works), (Ground.DWELLING, lives), (Ground.SCHOOLING, learns)]
    return tuple(str(ground) for ground, holds in found if holds)


def require_eligible(found: Eligibility) -> None:
    """Raises DomainError with the reasons: whoever is refused has to be told why (Z11)."""
    if not found.eligible:
        raise DomainError(found.explanation, field="person", code="not_eligible")


def _explain(grounds: tuple[str, ...]) -> str:
    if not grounds:
        return _("Eligible once one paper proves a job, a dwelling or schooling.")
    names = "、".join(str(Ground(ground).label) for ground in grounds)
    return _("Eligible by: %(grounds)s. One paper for one of them is enough.") % {"grounds": names}


def _passed(code: str, label: str, detail: str, *, blocking: bool = True) -> Check:
    return Check(code=code, passed=True, label=label, detail=detail, blocking=blocking)


def _failed(code: str, label: str, detail: str, *, blocking: bool = True) -> Check:
    return Check(code=code, passed=False, label=label, detail=detail, blocking=blocking)


def _document(person: Person) -> Check:
    label = _("Chinese resident with an ID number")
    if person.document_kind in CITIZEN_DOCUMENTS:
        return _passed("document", label, str(DocumentKind(person.document_kind).label))
    if person.document_kind in HMT_DOCUMENTS:
        detail = _(
            "Residents of Hong Kong, Macau and Taiwan apply for their own residence permit"
            " at the exit-entry window of the county police (after half a year as well)."
        )
    else:
        detail = _(
            "Foreigners do not get this permit: their stay is governed by the residence permit for foreigners;"
            " please send them to the exit-entry window of the county police."
        )
    return _failed("document", label, detail)


def _origin(person: Person, registration: Registration | None) -> Check:
    label = _("Hukou outside this county")
    county = (registration or person).area_code[:6]
    if person.native_code and person.native_code == county:
        return _failed("origin", label, _("The hukou is in this county: no residence permit is needed."))
    return _passed("origin", label, division_name(person.native_code) or _("not given"))


def _residence(registration: Registration | None) -> Check:
    label = _("Registered as living here")
    if registration is None or registration.status != RegistrationStatus.ACTIVE:
        return _failed("residence", label, _("There is no current residence registration. Register first."))
    return _passed("residence", label, registration.dwelling.address)


def _half_year(registration: Registration | None, full_on: date | None, on: date) -> Check:
    label = _("Registered for half a year")
    if registration is None or full_on is None:
        return _failed("half_year", label, _("Half a year runs from the day of registration."))
    values = {"since": registration.counts_from.isoformat(), "day": full_on.isoformat()}
    if on >= full_on:
        return _passed("half_year", label, _("registered since %(since)s, full on %(day)s") % values)
    detail = _("Half a year since registration on %(since)s is full on %(day)s: please apply from that day.") % values
    if registration.suspended_days:
        detail += " " + _("%(days)s suspended days are not counted.") % {"days": registration.suspended_days}
    return _failed("half_year", label, detail)


def _ground(registration: Registration | None, grounds: tuple[str, ...]) -> Check:
    label = _("Lawful job, lawful dwelling or schooling")
    if not grounds:
        return _failed("ground", label, _("The register shows none of the three; check the paper."), blocking=False)
    names = "、".join(str(Ground(ground).label) for ground in grounds)
    workplace = registration.workplace if registration and Ground.JOB in grounds else ""
    return _passed("ground", label, f"{names} · {workplace}" if workplace else names, blocking=False)


def _no_permit(person: Person) -> Check:
    label = _("No living permit")
    living = Permit.objects.filter(person=person).exclude(status=PermitStatus.TERMINATED).first()
    if living is None:
        return _passed("permit", label, _("none found in the county"))
    if living.valid_until:
        words = _("The old permit %(number)s is valid until %(day)s; the new one replaces it free of charge.")
        return _passed("permit", label, words % {"number": living.number, "day": living.valid_until})
    values = {"number": living.number, "status": living.get_status_display()}
    return _failed("permit", label, _("Holds permit %(number)s (%(status)s): endorse or replace that one.") % values)


def _no_open_file(person: Person, except_file: int | None) -> Check:
    label = _("No other open file")
    files = PermitApplication.objects.filter(person=person, status__in=OPEN_APPLICATION).exclude(pk=except_file or 0)
    number = files.values_list("number", flat=True).first()
    if number is None:
        return _passed("open_file", label, _("none"))
    detail = _("File %(number)s is still open: go on with that one.") % {"number": number}
    return _failed("open_file", label, detail)


def _guardian(person: Person, on: date) -> Check:
    detail = _("%(age)s years old: a guardian or close relative applies; both ID cards are needed.")
    return _passed("guardian", _("Applied for by a guardian"), detail % {"age": age_on(person, on)}, blocking=False)
