"""Questions that several pages ask of the register. Whatever names a person goes through `restrict` first."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from portal.core import clock
from portal.org.models import User
from portal.policy import codes
from residents.choices import RegistrationStatus, RequestStatus, TransferStatus, VisitResult
from residents.models import DepartureRequest, Dwelling, Permit, Person, PersonMerge, Registration, TransferRequest
from residents.verification import verify_interval_days

ADDRESS_CHANGED = "02"  # the entry 地址变更 of the code table `dereg_reason`
FILE_LENGTH = 50


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


def permit_of(person: Person, viewer: User) -> Permit | None:
    """The newest permit, whatever its state."""
    return Permit.objects.restrict(viewer, "view").filter(person=person).order_by("-issued_on", "-pk").first()


def transfers_to_answer(user: User) -> int:
    """Requests of other units that wait for somebody with the rights of `user`."""
    return TransferRequest.objects.restrict(user, "answer").filter(status=TransferStatus.REQUESTED).count()


def mass_departures_to_decide(user: User) -> int:
    """Requests to deregister many people that somebody else than `user` has asked for."""
    rows = DepartureRequest.objects.restrict(user, "approve").filter(status=RequestStatus.ASKED)
    return rows.exclude(requested_by=user).count()


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


def survivor_of(person_id: int) -> int | None:
    """Which file a merged one went up in, for whoever may see that file: the old address leads there."""
    rows = PersonMerge.objects.filter(absorbed=person_id, undone_at=None)
    return rows.values_list("survivor", flat=True).first()
