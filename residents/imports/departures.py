"""Deregistrations: who has left, each ended by the service of the page with every department's objections."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import clock
from portal.core.errors import DomainError
from portal.imports.kinds import Applied, Checker, Column, Effect, Given, Reader, Staged, Verdict, problem, refused
from portal.imports.models import Decision, ImportBatch, Outcome
from portal.org.models import User
from portal.org.scoping import scope_of
from residents.choices import ChangeKind, DiscoveredBy, DocumentKind
from residents.imports import lookups
from residents.imports.columns import DOCUMENT, DOCUMENT_KIND, FOUND_WORDS, NAME, fixed, table
from residents.imports.registrations import RegisterKind
from residents.models import Registration, RegistrationChange
from residents.services.identity import check_document, document_index, normalise_document
from residents.services.moves import check_departure, deregister
from residents.services.names import normalise_name

LEFT = Column(
    key="left_on",
    title="离开日期",
    synonyms=("注销日期", "离开时间", "搬离日期"),
    reads=Reader.DAY,
    required=True,
    example="2026-11-01",
    width=12,
)
WHY = Column(
    key="reason",
    title="注销原因",
    synonyms=("离开原因", "注销事由"),
    reads=Reader.CODE,
    words=table("dereg_reason"),
    required=True,
    example="离开本地",
    width=14,
)
GONE_TO = Column(key="destination", title="去向", synonyms=("去往地", "离开去向"), reads=Reader.TEXT, width=18)
FOUND = Column(key="discovered_by", title="发现方式", reads=Reader.CODE, words=fixed(FOUND_WORDS), width=10)
BEFORE = ("status", "left_on", "closed_on", "left_reason", "left_for", "updated_at")


class DepartureChecker(Checker):
    def __init__(self, actor: User) -> None:
        imports = scope_of(actor, Registration, "import")
        self.scope = lookups.meet(imports, scope_of(actor, Registration, "deregister"))
        self.offices, self.today = lookups.Offices(), clock.today()

    def check(self, rows: Sequence[Given]) -> Iterator[Verdict]:
        indexes = [self._index(row) for row in rows]
        standing = lookups.standings(index for index in indexes if index)
        ids = [one.registration_id for one in standing.values() if one.registration_id]
        stays = {stay.pk: stay for stay in Registration.objects.filter(pk__in=ids).select_related("person", "dwelling")}
        for row, index in zip(rows, indexes, strict=True):
            yield self._verdict(row, index, standing.get(index) if index else None, stays)

    def _index(self, row: Given) -> bytes | None:
        if any(one["column"] == "document_number" for one in row.problems):
            return None
        kind = row.values.get("document_kind") or DocumentKind.RESIDENT_ID.value
        try:
            number = normalise_document(kind, row.values.get("document_number", ""), imported=True)
            return document_index(check_document(kind, number).number)
        except DomainError as error:
            row.problems.append(problem(error))
            return None

    def _verdict(
        self, row: Given, index: bytes | None, standing: lookups.Standing | None, stays: dict[int, Registration]
    ) -> Verdict:
        if row.problems or index is None:
            return refused(*row.problems)
        try:
            return self._judged(row, index, standing, stays)
        except DomainError as error:
            return refused(problem(error), key=index)

    def _judged(
        self, row: Given, index: bytes, standing: lookups.Standing | None, stays: dict[int, Registration]
    ) -> Verdict:
        if standing is None:
            raise DomainError(_("Nobody with this number is registered."), field="document_number", code="unknown")
        if not standing.is_active:
            return Verdict(Decision.UNCHANGED, index, None, note=_("Not in residence any more."))
        if standing.stay_area not in self.scope:
            message = _("Registered at %(office)s, where you may not deregister.")
            told = message % {"office": self.offices.of(standing.stay_area or standing.area_code)}
            raise DomainError(told, field="document_number", code="foreign_area")
        stay, given = stays[standing.registration_id or 0], row.values
        if normalise_name(given.get("name", "")) != stay.person.name:
            message = _("The name does not belong to this number. Check both before somebody is deregistered.")
            raise DomainError(message, field="name", code="another_name")
        left_on: date | None = given.get("left_on")
        if left_on is None:
            raise DomainError(_("Please enter the day of leaving."), field="left_on")
        check_departure(stay, left_on, given.get("reason", ""))
        cleaned = {
            "registration_id": stay.pk,
            "version": stay.version,
            "left_on": left_on.isoformat(),
            "reason": given.get("reason", ""),
            "destination": given.get("destination", ""),
            "discovered_by": given.get("discovered_by") or DiscoveredBy.PERSON.value,
            "changes": [["left_on", "", left_on.isoformat()]],
        }
        return Verdict(Decision.UPDATE, index, cleaned)


class Departures(RegisterKind):
    code = "deregistrations"
    title = gettext_lazy("Deregistrations")
    about = gettext_lazy("People who have left, each with the day and the reason.")
    icon = "log-out"
    columns = (NAME, DOCUMENT, DOCUMENT_KIND, LEFT, WHY, GONE_TO, FOUND)

    def checker(self, _batch: ImportBatch, actor: User) -> Checker:
        return DepartureChecker(actor)

    def apply(
        self, _batch: ImportBatch, rows: Sequence[Staged], actor: User
    ) -> tuple[Sequence[Applied], Sequence[Effect]]:
        applied: list[Applied] = []
        effects: list[Effect] = []
        for row in rows:
            given = {key: value for key, value in row.cleaned.items() if key != "changes"}
            given["left_on"] = date.fromisoformat(given["left_on"])
            before = Registration.objects.filter(pk=given["registration_id"]).values(*BEFORE).first() or {}
            try:
                with transaction.atomic():
                    stay = deregister(**given, actor=actor)
            except (DomainError, Registration.DoesNotExist) as error:
                applied.append(Applied(row.number, Outcome.SKIPPED, _told(error)))
                continue
            effects += self._effects(row.number, stay, before)
            applied.append(Applied(row.number, Outcome.UPDATED))
        return applied, effects

    def _effects(self, number: int, stay: Registration, before: dict[str, Any]) -> Iterator[Effect]:
        old = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in before.items()}
        lines = RegistrationChange.objects.filter(registration=stay, kind=ChangeKind.DEPARTURE).order_by("-pk")
        yield Effect(number, Registration._meta.db_table, stay.pk, stay.version, old)
        yield Effect(number, RegistrationChange._meta.db_table, lines.values_list("pk", flat=True)[0])


def _told(error: Exception) -> str:
    return error.message if isinstance(error, DomainError) else _("You may no longer deregister here.")
