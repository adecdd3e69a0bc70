"""Taking an act back: its lines go, those it closed go on. Only the last act upon a book (pattern P10)."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.walls.context import admit
from residents.choices import HouseholdActKind
from residents.models import HEAD, Household, HouseholdAct, HouseholdMember, Registration
from residents.services.households import books

FINAL = (HouseholdActKind.UNDONE, HouseholdActKind.GUARDIAN, HouseholdActKind.RETURNED)


@transaction.atomic
def take_back(act: HouseholdAct, actor: User) -> HouseholdAct:
    """Returns the act that says so. Raises DomainError when something was built upon it."""
    if act.kind in FINAL:
        raise DomainError(_("This step cannot be undone. Record the present state as a new change."), code="final")
    if act.undone_by_id:
        raise DomainError(_("This step has already been undone."), code="already_undone")
    touched = _books(act)
    begun = list(act.begun.select_for_update(of=("self",)))
    closed = list(act.ended.select_for_update(of=("self",)).exclude(begun_by=act))
    people = {line.person_id for line in (*begun, *closed)}
    for person_id in people:
        admit(person=person_id)
    _require_nothing_later(act, begun, people)
    for line in begun:
        line.delete()
    for line in closed:
        line.left_on = line.ended_by = None
        line.save(update_fields=["left_on", "ended_by"])
    for book in touched:
        _settle(book, act)
    _require_together(touched)
    done = books.write_act(
        act.household, HouseholdActKind.UNDONE, act.happened_on, actor, other=act.other, reason=act.kind
    )
    act.undone_by = done
    act.save(update_fields=["undone_by"])
    return done


def may_be_undone(act: HouseholdAct) -> bool:
    return act.undone_by_id is None and act.kind not in FINAL


def last_act(book: Household) -> HouseholdAct | None:
    """The newest act upon the book that was not undone."""
    rows = HouseholdAct.objects.filter(Q(household=book) | Q(other=book), undone_by=None)
    return rows.exclude(kind=HouseholdActKind.UNDONE).select_related("actor").order_by("-pk").first()


def _books(act: HouseholdAct) -> list[Household]:
    """Locked in the order of their numbers, so that two clerks cannot wait for each other."""
    wanted = [pk for pk in (act.household_id, act.other_id) if pk]
    rows = Household.objects.select_for_update(of=("self",)).filter(pk__in=wanted)
    return list(rows.order_by("pk"))


def _require_nothing_later(act: HouseholdAct, begun: Iterable[HouseholdMember], people: set[int]) -> None:
    concerned = [pk for pk in (act.household_id, act.other_id) if pk]
    later = HouseholdAct.objects.filter(
        Q(household__in=concerned) | Q(other__in=concerned), pk__gt=act.pk, undone_by=None
    ).exclude(kind=HouseholdActKind.UNDONE)
    elsewhere = HouseholdMember.objects.active().filter(person_id__in=people).exclude(begun_by=act)
    stays_on = elsewhere.exclude(household__in=concerned).exists()
    if later.exists() or stays_on or any(line.ended_by_id not in (None, act.pk) for line in begun):
        message = _("Something was recorded in the household book after this step, so it cannot be undone any more.")
        raise DomainError(message, code="later_step")


def _settle(book: Household, act: HouseholdAct) -> None:
    """Head, address and end of the book follow from its lines."""
    book.version += 1
    lines = list(HouseholdMember.objects.active().filter(household=book).select_related("person"))
    head = next((line.person for line in lines if line.relation == HEAD), None)
    if head is None:
        books.end(book, act.happened_on)
        return
    book.head, book.ended_on = head, None
    if act.kind == HouseholdActKind.MOVED:
        home = Registration.objects.active().select_related("dwelling").get(person=head)
        book.dwelling, book.area_code = home.dwelling, home.area_code
    books.save(book)


def _require_together(touched: Iterable[Household]) -> None:
    for book in touched:
        people = list(HouseholdMember.objects.active().filter(household=book).values_list("person_id", flat=True))
        if book.ended_on is None and len(books.stays_at(book.dwelling_id, people)) < len(people):
            message = _("Somebody of the household is registered elsewhere by now, so the step cannot be undone.")
            raise DomainError(message, code="later_step")
