"""Which columns of the register, and of the platform below it, say of which person a row is (ADR 0017)."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.files.models import Attachment
from residents.choices import PermitStatus
from residents.extension import PersonLink, link_person
from residents.models import (
    OPEN_APPLICATION,
    DepartureItem,
    DuplicatePair,
    DuplicateSide,
    Household,
    HouseholdMember,
    NotSamePerson,
    Permit,
    PermitApplication,
    Person,
    PersonCorrection,
    PersonMerge,
    RecentLook,
    Registration,
    RegistrationChange,
    TransferRequest,
    Visit,
)
from residents.models.household import HEAD
from residents.services.merging import settle


class Stays:
    def plan(self, rows: Sequence[Any]) -> dict[int, dict[str, Any]]:
        return settle.settle(rows)

    def grows(self, before: dict[str, Any], after: dict[str, Any]) -> bool:
        return settle.grows(before, after)


class HouseholdLines:
    """A person belongs to one household: the line of a head stays open, otherwise the newest one."""

    def plan(self, rows: Sequence[Any]) -> dict[int, dict[str, Any]]:
        lines = sorted(
            (row for row in rows if row.left_on is None), key=lambda row: (row.relation == HEAD, row.joined_on)
        )
        return {row.pk: {"left_on": max(row.joined_on, lines[-1].joined_on)} for row in lines[:-1]}

    def grows(self, before: dict[str, Any], after: dict[str, Any]) -> bool:
        return before["left_on"] is not None and after["left_on"] is None


def two_heads(survivor_id: int, absorbed_id: int) -> str | None:
    if Household.objects.filter(head_id__in=(survivor_id, absorbed_id), ended_on=None).count() > 1:
        return _("Both files head a household. Let somebody else head one of them first.")
    return None


def two_permits(survivor_id: int, absorbed_id: int) -> str | None:
    living = Permit.objects.filter(person_id__in=(survivor_id, absorbed_id)).exclude(status=PermitStatus.TERMINATED)
    if living.count() > 1:
        return _("Both files hold a residence permit in force. Have one of them terminated first.")
    return None


def two_applications(survivor_id: int, absorbed_id: int) -> str | None:
    rows = PermitApplication.objects.filter(person_id__in=(survivor_id, absorbed_id), status__in=OPEN_APPLICATION)
    if rows.count() > 1:
        return _("Both files have a permit application that is being dealt with. Decide or withdraw one of them first.")
    return None


link_person(PersonLink(model=Registration, label=gettext_lazy("Registrations"), settle=Stays()))
link_person(
    PersonLink(model=RegistrationChange, label=gettext_lazy("Lines of the change ledger"), along=("registration",))
)
link_person(PersonLink(model=Visit, label=gettext_lazy("Visits"), along=("registration",)))
link_person(PersonLink(model=Permit, label=gettext_lazy("Residence permits"), blocks=two_permits))
link_person(
    PersonLink(
        model=PermitApplication,
        label=gettext_lazy("Permit applications"),
        along=("permit", "registration"),
        blocks=two_applications,
    )
)
link_person(PersonLink(model=TransferRequest, label=gettext_lazy("Transfer requests"), along=("registration",)))
link_person(PersonLink(model=PersonCorrection, label=gettext_lazy("Corrections"), along=("change",)))
link_person(PersonLink(model=DepartureItem, label=gettext_lazy("Lines of mass departures"), along=("registration",)))
link_person(
    PersonLink(
        model=NotSamePerson, label=gettext_lazy("Notes that somebody is not this person"), once=("candidate_index",)
    )
)
link_person(
    PersonLink(
        model=Attachment,
        label=gettext_lazy("Attached files"),
        describe=lambda row: f"{row.kind} {row.created_at:%Y-%m-%d}",
    )
)
link_person(PersonLink(model=Household, column="head_id", label=gettext_lazy("Households led"), blocks=two_heads))
link_person(
    PersonLink(
        model=HouseholdMember,
        label=gettext_lazy("Lines of household books"),
        along=("household",),
        settle=HouseholdLines(),
    )
)
link_person(
    PersonLink(
        model=HouseholdMember, column="guardian_id", label=gettext_lazy("Minors looked after"), along=("person",)
    )
)
link_person(PersonLink(model=Person, column="merged_into_id", label=gettext_lazy("Files merged earlier")))
for model, column, why in (
    (DuplicatePair, "first_id", "a pair is about two files, not about one person"),
    (DuplicatePair, "second_id", "a pair is about two files, not about one person"),
    (DuplicateSide, "person_id", "follows its pair"),
    (PersonMerge, "survivor_id", "tells which files were merged"),
    (PersonMerge, "absorbed_id", "tells which files were merged"),
    (RecentLook, "person_id", "a list of one user's own; the address leads on to the survivor"),
):
    link_person(PersonLink(model=model, column=column, stays=why))
