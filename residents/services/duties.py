"""Who has to register, by when, and who need not: recognised and explained to the clerk, never a refusal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from django.utils.translation import gettext as _

from portal.core import clock
from portal.policy.services import due_on, rule
from residents.choices import DocumentKind

HOURS_A_DAY = 24
CHINA = "CHN"
HMT_DOCUMENTS = {DocumentKind.HK_MACAU_PERMIT, DocumentKind.TAIWAN_PERMIT, DocumentKind.HMT_RESIDENCE}
# Codes of `dwelling_kind` (police statistics) and `stay_reason` that the exemptions of Zhejiang art. 12 speak of.
HOTEL, WITH_RESIDENTS, IN_AN_INSTITUTION, OTHER_LODGING = "01", "02", "03", "99"
SCHOOLING, TREATMENT, JOINING_RELATIVES, VISITING_RELATIVES = "06", "07", "09", "10"


@dataclass(frozen=True, slots=True)
class DutyNote:
    """`code` is stable (tests, icons); `exempt` means that no registration is due, though it stays possible."""

    code: str
    text: str
    exempt: bool = False


def explain_duty(
    *,
    document_kind: str,
    nationality: str,
    lodging: str,
    reason: str,
    arrived_on: date,
    planned_until: date | None = None,
    exempt_place: str = "",
    area_code: str = "",
    on: date | None = None,
) -> list[DutyNote]:
    """What the law says about this arrival: Zhejiang arts 7, 12 and 38 (Z1, Z7, Z19). `exempt_place` is a code of the
    table of that name when the clerk knows it; otherwise lodging and reason tell."""
    day = on or clock.today()
    if is_foreigner(document_kind, nationality):
        return list(_foreigner(lodging, arrived_on, day, area_code))
    place = exempt_place or _recognised_place(lodging, reason, arrived_on, planned_until, area_code)
    notes = [*_exemption(place, area_code)]
    if document_kind in HMT_DOCUMENTS:
        notes.append(DutyNote("hmt", _("National rules for Hong Kong, Macau and Taiwan residents apply, not these.")))
    late = days_late(arrived_on, day, area_code)
    if late and not any(note.exempt for note in notes):
        due = due_on(arrived_on, "registration.report_workdays", area_code=area_code)
        text = _("Registered %(days)s days after the last day of the legal term (%(due)s).")
        notes.append(DutyNote("late", text % {"days": late, "due": due.isoformat()}))
    return notes


def is_foreigner(document_kind: str, nationality: str) -> bool:
    return document_kind == DocumentKind.FOREIGN_PERMANENT or (nationality or CHINA) != CHINA


def days_late(arrived_on: date, registered_on: date, area_code: str = "") -> int:
    """Calendar days after the last day to register (Z1); 0 in time."""
    due = due_on(arrived_on, "registration.report_workdays", area_code=area_code)
    return max((registered_on - due).days, 0)


def days_late_for_change(happened_on: date, recorded_on: date, area_code: str = "") -> int:
    """Calendar days after the last day to report a change of address or workplace (Z8: days, not working days)."""
    return max((recorded_on - due_on(happened_on, "registration.change_days", area_code=area_code)).days, 0)


def _exemption(place: str, area_code: str) -> Iterator[DutyNote]:
    texts = {
        "hotel": _("Hotels and guest houses report their guests themselves; no residence registration is due."),
        "hospital": _("The hospital records its in-patients; no residence registration is due."),
        "school": _("The school or training body records its boarders; no residence registration is due."),
        "rescue": _("The rescue station records the people it shelters; no residence registration is due."),
        "relative": _("A stay of up to %(days)s days with close relatives who have local hukou need not be registered.")
        % {"days": rule("registration.relative_stay_exempt_days", area_code=area_code).value},
    }
    if place in texts:
        yield DutyNote(f"exempt_{place}", texts[place], exempt=True)


def _recognised_place(lodging: str, reason: str, arrived_on: date, planned_until: date | None, area_code: str) -> str:
    if lodging == HOTEL:
        return "hotel"
    if reason == TREATMENT and lodging in {IN_AN_INSTITUTION, OTHER_LODGING}:
        return "hospital"
    if reason == SCHOOLING and lodging == IN_AN_INSTITUTION:
        return "school"
    if reason in {JOINING_RELATIVES, VISITING_RELATIVES} and lodging == WITH_RESIDENTS and planned_until:
        limit = int(rule("registration.relative_stay_exempt_days", area_code=area_code).value)
        return "relative" if planned_until - arrived_on <= timedelta(days=limit) else ""
    return ""


def _foreigner(lodging: str, arrived_on: date, day: date, area_code: str) -> Iterator[DutyNote]:
    """Exit and Entry Administration Law art. 39."""
    if lodging == HOTEL:
        yield DutyNote("exempt_hotel", _("The hotel reports foreign guests to the police itself."), exempt=True)
        return
    hours = int(rule("registration.foreigner_hours", area_code=area_code).value)
    yield DutyNote(
        "foreigner",
        _("Foreigners outside hotels register with the police within %(hours)s hours of moving in.") % {"hours": hours},
    )
    late = (day - arrived_on).days - ceil(hours / HOURS_A_DAY)
    if late > 0:
        yield DutyNote("late", _("The %(hours)s hours ended %(days)s days ago.") % {"hours": hours, "days": late})
