"""Is this person on file already? Few candidates, each with its reasons; never a refusal."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.codes import COMMUNITY, TOWNSHIP
from portal.org.models import Area, User
from portal.org.scoping import Scope, scope_of
from portal.policy.services import rule
from residents.choices import DocumentKind, RegistrationStatus
from residents.models import SEE_RESTRICTED, NotSamePerson, Person, Registration
from residents.services import identity as documents
from residents.services.merging.keys import (
    NUMBERED,
    SAME_DOCUMENT,
    Match,
    Probe,
    document_indexes,
    matches,
    near_indexes,
)
from residents.services.names import normalise_name, normalise_phone, pinyin_of
from residents.services.people import NATIVE_DIGITS
from residents.services.projection import PersonView, person_view
from residents.services.transfers import open_request, ticket_for

MOST = 5


@dataclass(frozen=True, slots=True)
class DuplicateHit:
    """`person` is masked. For somebody outside the actor's areas only the fact, the answering office and the status
    are told; name and address stay closed (security design §2.3). `ticket` then opens a request for the transfer;
    `asked_until` is the day by which the office answers one that is open already."""

    person: PersonView | None
    person_id: int
    reasons: list[str]
    in_scope: bool
    last_address: str
    status: str
    registration_id: int | None
    version: int | None
    office: str = ""
    ticket: str = ""
    asked_until: date | None = None

    @property
    def is_exact(self) -> bool:
        return SAME_DOCUMENT in self.reasons


@transaction.atomic
def find_duplicates(
    *,
    document_number: str = "",
    document_kind: str = DocumentKind.RESIDENT_ID,
    name: str = "",
    birth_date: date | None = None,
    phone: str = "",
    sex: str = "",
    dwelling_id: int | None = None,
    actor: User,
) -> list[DuplicateHit]:
    """At most five people, the likeliest first, by the keys and points of the list of likely duplicates (`merging`).

    Only the exact document finds people outside the actor's areas. Somebody declared not to be the same person does
    not come back for that document. Writes an access row of the kind "search".
    """
    probe = Probe(
        document_kind=document_kind,
        documents=document_indexes(document_kind, document_number),
        near=near_indexes(document_kind, document_number),
        phone_index=documents.phone_index(normalise_phone(phone)) or b"",
        name=normalise_name(name),
        pinyin=pinyin_of(normalise_name(name))[0],
        birth_date=birth_date,
        native_code=document_number[:NATIVE_DIGITS] if document_kind in NUMBERED else "",
        sex=sex,
        dwellings=frozenset({dwelling_id} if dwelling_id else ()),
    )
    with documents.opened(document_number):
        return _find(probe, document_number, actor=actor)


def _find(probe: Probe, document_number: str, *, actor: User) -> list[DuplicateHit]:
    scope, handled = scope_of(actor, Person, "view"), scope_of(actor, Person, SEE_RESTRICTED)
    exact = documents.match_document(document_number)
    exact_id = exact.person_id if exact else 0
    least = int(rule("duplicates.arrival_threshold").value)
    found = {one.person.pk: one for one in matches([probe], also={0: [exact_id]} if exact else None)[0]}
    if exact_id in found and SAME_DOCUMENT not in found[exact_id].codes:  # the number of a file merged into this one
        found[exact_id].reasons.insert(0, (SAME_DOCUMENT, int(rule("duplicates.points_document").value)))
    for person_id in _declared_different(document_number, list(found)):
        found.pop(person_id)
    for person_id, one in list(found.items()):
        near_enough = one.score >= least and one.person.area_code in scope and not _held_back(one.person, handled)
        if not near_enough and SAME_DOCUMENT not in one.codes:
            del found[person_id]
    best = sorted(found.values(), key=lambda one: -one.score)[:MOST]
    if best:
        audit.access(
            actor=actor,
            action="search",
            person_ids=[one.person.pk for one in best],
            purpose="duplicates",
            query=probe.name,
        )
    stays = _last_stays([one.person.pk for one in best])
    offices = _offices({one.person.area_code for one in best})
    return [
        _hit(one, stays.get(one.person.pk), offices, visible=_visible(one.person, scope, handled), actor=actor)
        for one in best
    ]


@transaction.atomic
def not_same_person(*, person_id: int, document_number: str, reason: str, actor: User) -> NotSamePerson:
    """Remember that whoever holds `document_number` is not this person. Saying it twice keeps the first reason."""
    if not reason.strip():
        raise DomainError(_("Please say how you know that it is somebody else."), field="reason")
    person = Person.objects.restrict(actor, "view").get(pk=person_id)
    index = documents.document_index(document_number)
    if bytes(person.document_index) == index:
        message = _("The document number is exactly the same: it is one person. Renew the registration instead.")
        raise DomainError(message, field="reason", code="same_document")
    row, created = NotSamePerson.objects.get_or_create(
        person=person, candidate_index=index, defaults={"reason": reason.strip()[:200], "decided_by": actor}
    )
    if created:
        audit.record(actor=actor, action="person.not_same", target=person, reason=reason.strip())
    return row


def _declared_different(number: str, person_ids: list[int]) -> list[int]:
    if not number or not person_ids:
        return []
    index = documents.document_index(number)
    rows = NotSamePerson.objects.filter(person_id__in=person_ids, candidate_index=index)
    return list(rows.values_list("person_id", flat=True))


def _last_stays(person_ids: list[int]) -> dict[int, Registration]:
    rows = Registration.objects.standing().filter(person_id__in=person_ids).select_related("dwelling")
    return {row.person_id: row for row in rows.order_by("arrived_on", "pk")}


def _held_back(person: Person, handled: Scope) -> bool:
    return person.restricted_on is not None and person.area_code not in handled


def _visible(person: Person, scope: Scope, handled: Scope) -> bool:
    return person.area_code in scope and not _held_back(person, handled)


def _hit(one: Match, stay: Registration | None, offices: dict[str, str], *, visible: bool, actor: User) -> DuplicateHit:
    status = RegistrationStatus(stay.status).label if stay else ""
    held_elsewhere = not visible and stay is not None and stay.status == RegistrationStatus.ACTIVE
    asked = open_request(one.person.pk) if held_elsewhere else None
    return DuplicateHit(
        person=person_view(one.person, viewer=actor) if visible else None,
        person_id=one.person.pk,
        reasons=one.codes,
        in_scope=visible,
        last_address=stay.dwelling.address if stay and visible else "",
        status=str(status),
        registration_id=stay.pk if stay else None,
        version=stay.version if stay else None,
        office=offices[one.person.area_code],
        ticket=ticket_for(one.person.pk, actor) if held_elsewhere and asked is None else "",
        asked_until=asked.due_on if asked else None,
    )


def _offices(area_codes: set[str]) -> dict[str, str]:
    """Township and community by name, in one query for all."""
    wanted = {area[:length] for area in area_codes for length in (TOWNSHIP, COMMUNITY)}
    names = dict(Area.objects.filter(code__in=wanted).values_list("code", "name"))
    parts = {area: (names.get(area[:TOWNSHIP], ""), names.get(area[:COMMUNITY], "")) for area in area_codes}
    return {area: " ".join(part for part in both if part) for area, both in parts.items()}
