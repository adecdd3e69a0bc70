"""Everything that is held on one person, in full, for the person (PIPL art. 45: consult and copy)."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.audit import services as audit
from portal.exchange.models import ProvisionRecord
from portal.exchange.provisions import record_provision
from portal.jobs.models import Job
from portal.jobs.services import enqueue
from portal.org.models import User
from portal.org.scoping import can
from portal.org.services import area_path
from portal.policy import codes
from portal.policy.divisions import division_name
from privacy.extension import Cells, all_holdings
from privacy.models import Consent, SubjectRequest
from privacy.services.requests import open_for_work, printed
from residents.models import HouseholdMember, Permit, PermitApplication, Person, Registration, RegistrationChange, Visit

KIND = "privacy.copy"
LAW = "《个人信息保护法》第四十五条"
TABLES = {
    "ethnicity": "ethnicity",
    "education": "education",
    "marital_status": "marital",
    "political_status": "political",
    "lodging": "dwelling_kind",
    "reason": "stay_reason",
    "occupation": "occupation",
    "employment": "employment",
    "social_insurance": "social_insurance",
    "channel": "channel",
    "relation": "relationship",
    "left_reason": "dereg_reason",
}
# What a field is called for the person where the register names it for clerks or not at all.
LABELS: dict[str, Promise] = {
    "name": pgettext_lazy("person", "Name"),
    "area_code": gettext_lazy("Community in charge"),
    "created_at": gettext_lazy("Put on record"),
    "merged_into": gettext_lazy("File it was merged into"),
    "dwelling": gettext_lazy("Address of the dwelling"),
    "household": gettext_lazy("Household book"),
    "suspended_days": gettext_lazy("Days that do not count"),
    "document_note": gettext_lazy("Remark on the document"),
    "notice": gettext_lazy("Notice that was shown"),
    "notice_items": gettext_lazy("Papers asked for"),
    "signed_at": gettext_lazy("Signed"),
    "reviewed_at": gettext_lazy("Reviewed"),
    "checked_at": gettext_lazy("Identity checked on"),
    "activity": gettext_lazy("What the consent is for"),
    "end_proposed": gettext_lazy("Termination to be decided"),
}
# Keys, search columns, locks and what belongs to the office and not to the person.
UNTOLD = {
    "id",
    "version",
    "person",
    "county_code",
    "township_code",
    "community_code",
    "document_index",
    "document_tail_index",
    "phone_index",
    "name_pinyin",
    "name_initials",
    "voucher",
    "head",
    "previous",
    "registration",
    "permit",
    "undone_by",
    "begun_by",
    "ended_by",
    "registrar",
    "actor",
    "visitor",
    "task",
    "before",
    "change",
    "in_bulk",
    "reviewer",
    "signer",
    "handler",
    "checked_by",
    "recorded_by",
    "withdrawn_by",
    "due_rule",
    "eligibility",
    "updated_at",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of record with all its rows, each as labels and values."""

    code: str
    title: str
    records: list[list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class DataCopy:
    request: SubjectRequest
    parts: list[Part]

    @property
    def size(self) -> int:
        return sum(len(part.records) for part in self.parts)


@transaction.atomic
def data_copy(*, request_id: int, actor: User, form: str = ProvisionRecord.Form.PAPER) -> DataCopy:
    """For a request whose identity was checked. Leaves an access row with every field, a record of data handed on
    and a step of the request."""
    request = open_for_work(request_id=request_id, actor=actor)
    person = request.person
    parts = parts_of(person)
    audit.access(
        actor=actor,
        action="print" if form == ProvisionRecord.Form.PAPER else "export",
        person_ids=[person.pk],
        fields=[field.name for field in _told_fields(Person)],
        purpose="data_copy",
        reason=request.number,
    )
    copy = DataCopy(request, parts)
    record_provision(
        form=form,
        title=_("Copy of my data"),
        recipient_kind=ProvisionRecord.Recipient.PERSON,
        purpose=_("Request of the person %(number)s") % {"number": request.number},
        legal_basis=LAW,
        data_kinds=[part.title for part in parts],
        row_count=copy.size,
        full_numbers=True,
        reference=request.number,
        actor=actor,
    )
    printed(request, actor, note=_("Copy of my data"))
    return copy


def ask_for_file(*, request_id: int, actor: User) -> Job:
    """The copy as a file in a common format that machines can read (art. 45: transfer), made in the background."""
    request = open_for_work(request_id=request_id, actor=actor)
    number = request.number
    return enqueue(
        kind=KIND,
        actor=actor,
        title=_("Copy of data %(number)s") % {"number": number},
        reason=number,
        recipient=_("The person"),
        request_id=request.pk,
    )


def write_file(*, request_id: int, actor: User, out: IO[bytes]) -> DataCopy:
    copy = data_copy(request_id=request_id, actor=actor, form=ProvisionRecord.Form.FILE)
    content = {
        "request": copy.request.number,
        "made_at": timezone.localtime().isoformat(timespec="seconds"),
        "parts": [
            {"code": part.code, "title": part.title, "records": [dict(record) for record in part.records]}
            for part in copy.parts
        ],
    }
    out.write(json.dumps(content, ensure_ascii=False, indent=2).encode())
    return copy


def may_make_file(user: User, _values: dict[str, object]) -> bool:
    return can(user, SubjectRequest, "handle")


def parts_of(person: Person) -> list[Part]:
    """The register's own parts, then those of the departments; parts without a record are left out."""
    own: list[tuple[str, str, Callable[[], Iterator[Cells]]]] = [
        ("person", _("Personal details"), lambda: _cells([person])),
        ("stays", _("Residence registrations"), lambda: _cells(_rows(Registration, person, "dwelling"))),
        (
            "households",
            _("Household book"),
            lambda: _cells(_rows(HouseholdMember, person, "household__dwelling", "guardian")),
        ),
        ("changes", _("Changes on record"), lambda: _cells(_rows(RegistrationChange, person))),
        ("visits", _("Visits"), lambda: _cells(_rows(Visit, person))),
        ("permits", _("Residence permits"), lambda: _cells(_rows(Permit, person, "dwelling"))),
        ("files", _("Permit files"), lambda: _cells(_rows(PermitApplication, person))),
        ("consents", _("Consents"), lambda: _cells(_rows(Consent, person, "activity"))),
        ("requests", _("Requests about the data"), lambda: _cells(_rows(SubjectRequest, person))),
    ]
    found = [(code, title, list(records())) for code, title, records in own]
    found += [(one.code, str(one.title), list(one.records(person))) for one in all_holdings()]
    return [Part(code, title, [_words(record) for record in records]) for code, title, records in found if records]


def _rows(model: type[models.Model], person: Person, *related: str) -> Iterator[models.Model]:
    rows = model._default_manager.filter(person=person).order_by("pk")
    yield from rows.select_related(*related) if related else rows


def _cells(rows: Any) -> Iterator[Cells]:
    for row in rows:
        yield [(LABELS.get(field.name, field.verbose_name), _value(row, field)) for field in _told_fields(type(row))]


def _told_fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.name not in UNTOLD]


def _value(row: models.Model, field: Any) -> object:
    raw = getattr(row, field.name)
    if field.name in TABLES and raw:
        return codes.label(TABLES[field.name], raw)
    if field.name == "notice" and raw:
        return raw.version
    if field.name == "household" and raw:
        return raw.dwelling.address
    if field.name == "area_code" and raw:
        return area_path(raw[:12]) or raw
    if field.name == "native_code" and raw:
        return division_name(raw)
    return getattr(row, f"get_{field.name}_display")() if field.choices else raw


def _words(record: Cells) -> list[tuple[str, str]]:
    return [(str(label), text) for label, value in record if (text := _text(value))]


def _text(value: object) -> str:
    if value is None or value in ("", []):
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "、".join(str(one) for one in value) if isinstance(value, list) else str(value)
