"""What the search box at the top finds: people by number, phone, pinyin or name, doors by their shorthand, permits by
number and employers by name; and what its user had open last."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.audit import services as audit
from portal.audit.models import AccessEvent
from portal.org.models import User
from portal.org.scoping import can
from portal.ui.search import PER_GROUP, Hit
from portal.vault.projection import Shown, left_out, project, shown
from residents.choices import RegistrationStatus
from residents.models import Dwelling, Permit, Person, Registration
from residents.services.duplicates import find_duplicates
from residents.services.dwellings import HAN, DwellingHit, find_dwellings, shorthand_of
from residents.services.identity import match_document
from residents.services.looks import recent_dwellings, recent_people
from residents.services.search import (
    employers_named,
    is_exact,
    is_only_a_number,
    is_whole_number,
    people_keys,
    permits_numbered,
    whole_number,
)

SHORTEST_EMPLOYER = SHORTEST_ADDRESS = 2
SHORTEST_SOUND = 4  # characters: the initials of three are those of too many addresses
MOST_HELD_BACK = 20  # files whose data may only be stored are left out afterwards
BY_SHORTHAND = _("address shorthand")
NOT_OFFERED = left_out(Person, "document_number")


def find_people(user: User, query: str, most: int = PER_GROUP) -> Iterator[Hit]:
    """Only people whom `user` may open. The search leaves an access row; the words are kept as a keyed hash."""
    keys = people_keys(query, best=most + MOST_HELD_BACK)
    if not keys or not can(user, Person, "view"):
        return
    found: dict[int, tuple[Person, str | Promise]] = {}
    for key in keys:
        if len(found) < most and not (key.rare and found):
            rows = key.people.restrict(user, "view").order_by(*key.order).defer(*NOT_OFFERED)
            for person in rows[:most]:
                found.setdefault(person.pk, (person, key.why))
    result = AccessEvent.Result.SHOWN if found else AccessEvent.Result.NOTHING
    shown_ids = list(found)[:most]
    audit.access(actor=user, action="search", person_ids=shown_ids, purpose="palette", query=query, result=result)
    if not found:
        yield from _held_elsewhere(user, query)
    yield from _people(user, [found[pk] for pk in shown_ids])


def last_people(user: User, most: int) -> Iterator[Hit]:
    """Whom the user had open last, as far as they may be opened still."""
    people = list(recent_people(user).defer(*NOT_OFFERED)[:most]) if can(user, Person, "view") else []
    if people:
        ids = [one.pk for one in people]
        audit.access(actor=user, action="list", person_ids=ids, purpose="recent")
    yield from _people(user, [(one, "") for one in people])


def all_people(query: str) -> str:
    return "" if is_exact(query) else f"{reverse('residents:person_list')}?{urlencode({'q': query, 'status': 'all'})}"


def find_doors(user: User, query: str, most: int) -> Iterator[Hit]:
    """Chinese characters are looked for as they are written: two characters have the initials of many addresses, and
    one character is a part of a name."""
    written = HAN.search(query) is not None
    if written and len(query.strip()) < SHORTEST_ADDRESS:
        return
    if not can(user, Dwelling, "view") or is_only_a_number(query):
        return
    short = written and len(query.strip()) < SHORTEST_SOUND
    for hit in find_dwellings(text=query, actor=user, limit=most, elsewhere=False, as_written=short):
        if hit.own:
            door = _door(hit, query)
            if not (written and door.why == BY_SHORTHAND and query.strip()[:2] not in hit.address):
                yield door


def last_doors(user: User, most: int) -> Iterator[Hit]:
    if can(user, Dwelling, "view"):
        for dwelling in recent_dwellings(user).defer(*left_out(Dwelling))[:most]:
            yield Hit(dwelling.address, dwelling.get_absolute_url(), icon="house")


def find_permits(user: User, query: str, most: int) -> Iterator[Hit]:
    """By the whole number of the permit or of its file."""
    if not can(user, Permit, "view") or not is_exact(query):
        return
    rows = permits_numbered(query).restrict(user, "view").select_related("person")
    permits = list(rows.defer(*left_out(Person, prefix="person__")).order_by("-issued_on", "-pk")[:most])
    if permits:
        ids = [one.person_id for one in permits]
        audit.access(actor=user, action="search", person_ids=ids, purpose="palette", query=query)
    for permit in permits:
        holder = project(permit.person, viewer=user)["name"]
        state = str(permit.get_status_display())
        yield Hit(permit.number, permit.get_absolute_url(), holder, state, "id-card", _("permit number"))


def find_employers(user: User, query: str, most: int) -> Iterator[Hit]:
    """Where people of the user's areas work or learn; leads to the list of them."""
    part = query.strip()
    if len(part) < SHORTEST_EMPLOYER or is_exact(query) or not can(user, Registration, "view"):
        return
    if shown(Registration, "workplace", viewer=user, at="") < Shown.FULL:
        return
    for employer in employers_named(part, most=most):
        people = gettext("%(n)s in residence") % {"n": employer.people}
        url = f"{reverse('residents:person_list')}?{urlencode({'workplace': employer.name})}"
        yield Hit(employer.name, url, trailing=people, icon="building-2", why=_("employer or school"))


def _people(user: User, found: Iterable[tuple[Person, str | Promise]]) -> Iterator[Hit]:
    people = list(found)
    stays = _stays([person for person, _why in people])
    for person, why in people:
        stay = stays.get(person.pk)
        told = project(person, viewer=user)
        parts = [told["document_number"], stay.dwelling.address if stay else ""]
        yield Hit(
            title=told["name"],
            url=person.get_absolute_url(),
            note=" · ".join(part for part in parts if part),
            trailing=str(RegistrationStatus(stay.status).label) if stay else "",
            icon="user-round",
            why=why,
        )


def _held_elsewhere(user: User, query: str) -> Iterator[Hit]:
    """A whole number of somebody on file in another area: that it is so and where, no more (design §2.3)."""
    if not can(user, Registration, "add") or not is_whole_number(query):
        return
    number = whole_number(query)
    if match_document(number) is None:
        return  # nor is anybody told of whose number is almost this one: that is a question of the arrival page
    for hit in find_duplicates(document_number=number, actor=user):
        if not hit.in_scope and hit.is_exact:
            url = (
                reverse("residents:transfer_new", args=[hit.ticket]) if hit.ticket else reverse("residents:arrival_new")
            )
            title = gettext("Registered in another area")
            yield Hit(title, url, hit.office, hit.status, "map-pin", _("document number"))


def _door(hit: DwellingHit, query: str) -> Hit:
    limit = "" if hit.capacity is None else f" / {hit.capacity}"
    wanted = shorthand_of(query)
    if hit.address.startswith("".join(query.split())):
        why = _("address")
    else:
        why = BY_SHORTHAND if shorthand_of(hit.address).startswith(wanted) else _("other name of the address")
    url = Dwelling(pk=hit.dwelling_id).get_absolute_url()
    return Hit(hit.address, url, hit.community, f"{hit.living}{limit}", "house", why)


def _stays(people: list[Person]) -> dict[int, Registration]:
    rows = Registration.objects.standing().filter(person__in=people).select_related("dwelling")
    return {row.person_id: row for row in rows.order_by("arrived_on", "pk")}
