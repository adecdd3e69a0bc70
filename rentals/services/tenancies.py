"""What a departure means for a let dwelling: the tenant's line of the lease ends and the landlord is told."""

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.org.models import User
from portal.org.scoping import ScopedQuerySet
from rentals.choices import LEASED, FilingStatus, MessageKind
from rentals.models import WHOLE, LandlordMessage, LeaseFiling, LeaseTenant, RentalRegistration
from rentals.services.reports.senders import sender
from residents.choices import RegistrationStatus, TaskStatus
from residents.models import Registration, VisitTask

TEXT = 200


@transaction.atomic
def end_tenancy(*, registration_id: int, actor: User) -> int:
    """The stay has ended: so have its lines in live leases, and who lets the dwelling is told, once a day at most.
    Returns how many lines ended. Runs as the system user; a stay that was restored meanwhile changes nothing."""
    stay = Registration.objects.filter(pk=registration_id).select_related("dwelling").first()
    if stay is None or stay.status != RegistrationStatus.LEFT:
        return 0
    lines = LeaseTenant.objects.filter(registration=stay, left_on=None, filing__status__in=LEASED)
    ended = lines.update(left_on=stay.left_on, updated_at=clock.now())
    rental = RentalRegistration.objects.registered().filter(dwelling=stay.dwelling_id).first()
    if rental is not None:
        tell_landlord(rental, MessageKind.LEFT, _left_words(stay), actor=actor)
    return ended


@transaction.atomic
def resume_tenancy(*, registration_id: int, actor: User) -> int:
    """A departure was taken back: the lines that it ended go on. Returns how many. Nobody is told twice."""
    stay = Registration.objects.filter(pk=registration_id, status=RegistrationStatus.ACTIVE).first()
    if stay is None:
        return 0
    lines = LeaseTenant.objects.filter(registration=stay, filing__status__in=LEASED).exclude(left_on=None)
    return lines.update(left_on=None, updated_at=clock.now())


def tell_landlord(rental: RentalRegistration, kind: MessageKind, text: str, *, actor: User) -> LandlordMessage | None:
    """Send and keep a message. None where one of this kind was written today already. It speaks of the door alone:
    phones change hands, and a message may be read by anybody."""
    today = clock.today()
    locked = RentalRegistration.objects.select_for_update(of=("self",)).get(pk=rental.pk)
    if locked.messages.filter(kind=kind, told_on=today).exists():
        return None
    told = LandlordMessage(rental=locked, kind=kind, told_on=today, text=text[:TEXT])
    plug_in, phone = sender(), locked.landlord_phone or locked.agent_phone
    if plug_in is not None and phone:
        plug_in.tell(phone=phone, text=told.text)
        told.sent_at = clock.now()
    told.save(force_insert=True)
    audit.record(actor=actor, action="rental.landlord_told", target=locked, kind=str(kind), sent=bool(told.sent_at))
    return told


def ended_and_lived_in(day: date) -> ScopedQuerySet:
    """Filed leases whose term was over before `day`, without a new one for the room, behind whose door somebody still
    lives, and where nobody has knocked since the end nor is going to."""
    here = {"dwelling": OuterRef("dwelling")}
    living = Registration.objects.active().filter(**here)
    same_room = Q(room=OuterRef("room")) | Q(room=WHOLE)
    goes_on = LeaseFiling.objects.live().filter(same_room, **here, ends_on__gte=day)
    since = Q(status=TaskStatus.OPEN) | Q(starts_on__gt=OuterRef("ends_on")) | Q(closed_on__gt=OuterRef("ends_on"))
    knocked = VisitTask.objects.filter(since, **here)
    rows: ScopedQuerySet = LeaseFiling.objects.filter(status=FilingStatus.FILED, ends_on__lt=day)
    return rows.filter(Exists(living)).exclude(Exists(goes_on)).exclude(Exists(knocked))


def doors_of_ended_leases(_until: date, area_code: str) -> Iterator[tuple[int, date]]:
    """For the visits of the register: each door once, from the day after the term on."""
    rows = ended_and_lived_in(clock.today())
    if area_code:
        rows = rows.within(area_code)
    yield from rows.order_by().values_list("dwelling").annotate(over=Min(F("ends_on")))


def _left_words(stay: Registration) -> str:
    words = _("A tenant of the home you let at %(address)s was registered as having left. Please check.")
    return words % {"address": stay.dwelling.address}
