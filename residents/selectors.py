"""Questions that several pages ask of the register. Whatever names a person goes through `restrict` first."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from portal.core import clock
from portal.org.models import User
from portal.policy import codes
from portal.vault.blind import blind_index
from residents.choices import RegistrationStatus, TransferStatus, VisitResult
from residents.models import Dwelling, Permit, Person, Registration, TransferRequest
from residents.models.person import PersonQuerySet
from residents.verification import verify_interval_days

ADDRESS_CHANGED = "02"  # the entry 地址变更 of the code table `dereg_reason`
FULL_NUMBER = re.compile(r"(\d{17}[\dX]|\d{15})")
MOBILE = re.compile(r"1\d{10}")
NAME_AND_TAIL = re.compile(r"(?P<name>[^\d]+?) ?(?P<tail>\d{3}[\dX])")
DIGIT = re.compile(r"\d")
LATIN = re.compile(r"[A-Z][A-Z '.·-]*")
OTHER_DOCUMENT = re.compile(r"[A-Z]{1,3}\d{5,12}")
INITIALS_AT_MOST = 5
FILE_LENGTH = 50


def people_matching(text: str) -> PersonQuerySet | None:
    """One box, routed by the shape of what was typed (performance design §1.6): a full number or phone exactly, a
    whole name with the last four characters of the number, Latin letters as initials, otherwise a part of the name.

    Any other run of digits finds nobody: beginnings and ends of numbers would let a mask be walked digit by digit
    (security design §2.3). None for text that is too short to search. Not restricted yet: always add `restrict`.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).upper().split())
    bare = re.sub(r"[\s-]", "", plain)
    if not bare:
        return None
    if DIGIT.search(bare):
        return _with_number(plain, bare)
    if LATIN.fullmatch(plain):
        initials = Q(name_initials__begins=plain.lower())
        return Person.objects.filter(initials if len(plain) <= INITIALS_AT_MOST else _latin_name(text, initials))
    return Person.objects.name_contains(text.strip())


def _with_number(plain: str, bare: str) -> PersonQuerySet:
    if FULL_NUMBER.fullmatch(bare) or OTHER_DOCUMENT.fullmatch(bare):
        return Person.objects.filter(document_index=blind_index("person.document", bare))
    if MOBILE.fullmatch(bare):
        return Person.objects.filter(phone_index=blind_index("person.phone", bare))
    if named := NAME_AND_TAIL.fullmatch(plain):
        tail = blind_index("person.document_tail", named["tail"], size=8)
        return Person.objects.filter(document_tail_index=tail, name__iexact=named["name"])
    return Person.objects.none()


def is_exact(text: str) -> bool:
    """Does the text ask for a number? Such a search is recorded even when it finds nobody."""
    return bool(DIGIT.search(unicodedata.normalize("NFKC", text)))


def whole_number(text: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text).upper())


def is_whole_number(text: str) -> bool:
    bare = whole_number(text)
    return bool(FULL_NUMBER.fullmatch(bare) or OTHER_DOCUMENT.fullmatch(bare))


def latest_stays(rows: QuerySet[Registration]) -> QuerySet[Registration]:
    """Only the newest standing stay of each person. Stays in other areas may be out of sight: a file answered for
    elsewhere has one there."""
    later = Registration.objects.standing().filter(
        person_id=OuterRef("person_id"), arrived_on__gt=OuterRef("arrived_on")
    )
    return rows.standing().filter(~Exists(later), person__area_code=F("area_code"))  # type: ignore[attr-defined]


def departed(rows: QuerySet[Registration]) -> QuerySet[Registration]:
    """People who left and did not come back; a change of address is no departure."""
    return latest_stays(rows.filter(status=RegistrationStatus.LEFT).exclude(left_reason=ADDRESS_CHANGED))


def needing_verification(rows: QuerySet[Registration]) -> QuerySet[Registration]:
    """Active stays not looked up within the interval of their kind of lodging, or found moved or left."""
    today = clock.today()
    overdue = Q(verified_result__in=[VisitResult.MOVED, VisitResult.LEFT])
    for lodging in codes.items("dwelling_kind"):
        overdue |= Q(lodging=lodging, last_seen__lt=today - timedelta(days=verify_interval_days(lodging)))
    seen = rows.alias(last_seen=Coalesce("verified_on", "registered_on"))
    return seen.filter(overdue, status=RegistrationStatus.ACTIVE)


def current_stay(person: Person) -> Registration | None:
    """The active stay, or the last one that ended; with dwelling and registrar."""
    rows = Registration.objects.standing().filter(person=person).select_related("dwelling", "registrar", "head__person")
    active_first = Case(When(status=RegistrationStatus.ACTIVE, then=Value(0)), default=Value(1))
    return rows.order_by(active_first, "-arrived_on", "-pk").first()


def stays_of(person: Person) -> list[Registration]:
    """Newest first, undone ones left out."""
    rows = Registration.objects.standing().filter(person=person).select_related("dwelling", "registrar")
    return list(rows.order_by("-arrived_on", "-pk")[:FILE_LENGTH])


def household_of(stay: Registration, viewer: User) -> list[Registration]:
    """Who registered together with this stay and lives at the same address, the first person at the front."""
    head_id = stay.head_id or stay.pk
    rows = Registration.objects.restrict(viewer, "view").active().filter(dwelling_id=stay.dwelling_id)
    together = rows.filter(Q(head_id=head_id) | Q(pk=head_id)).exclude(pk=stay.pk)
    return list(together.select_related("person").order_by("head_id", "pk")[:FILE_LENGTH])


def permit_of(person: Person, viewer: User) -> Permit | None:
    """The newest permit, whatever its state."""
    return Permit.objects.restrict(viewer, "view").filter(person=person).order_by("-issued_on", "-pk").first()


def transfers_to_answer(user: User) -> int:
    """Requests of other units that wait for somebody with the rights of `user`."""
    return TransferRequest.objects.restrict(user, "answer").filter(status=TransferStatus.REQUESTED).count()


def open_transfer_of(person: Person, viewer: User) -> TransferRequest | None:
    rows = TransferRequest.objects.restrict(viewer, "view").filter(person=person, status=TransferStatus.REQUESTED)
    return rows.first()


def residents_of(dwelling: Dwelling, viewer: User) -> list[Registration]:
    rows = Registration.objects.restrict(viewer, "view").active().filter(dwelling=dwelling)
    return list(rows.select_related("person").order_by("-arrived_on", "-pk")[:FILE_LENGTH])


def former_residents_of(dwelling: Dwelling, viewer: User) -> list[Registration]:
    rows = Registration.objects.restrict(viewer, "view").filter(dwelling=dwelling, status=RegistrationStatus.LEFT)
    return list(rows.select_related("person").order_by("-left_on", "-pk")[:FILE_LENGTH])


def living_in(dwelling_ids: Iterable[int]) -> dict[int, int]:
    """Active stays per dwelling, for a page of dwellings in one query."""
    rows = Registration.objects.active().filter(dwelling_id__in=list(dwelling_ids)).order_by("dwelling_id")
    return dict(rows.values_list("dwelling_id").annotate(people=Count("pk")))


def _latin_name(text: str, initials: Q) -> Q:
    words = Person.objects.name_contains(text.strip()) | Person.objects.name_contains(text.strip().title())
    return initials | Q(pk__in=words.values("pk"))
