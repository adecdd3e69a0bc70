"""What the search box at the top finds: people by number, phone, initials or name, and doors by their shorthand."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext

from portal.audit import services as audit
from portal.audit.models import AccessEvent
from portal.org.models import User
from portal.org.scoping import can
from portal.ui.search import PER_GROUP, Hit
from portal.vault.projection import left_out, project
from residents.choices import RegistrationStatus
from residents.models import Dwelling, Person, Registration
from residents.selectors import is_exact, is_whole_number, people_matching, whole_number
from residents.services.duplicates import find_duplicates
from residents.services.dwellings import find_dwellings


def find_people(user: User, query: str) -> Iterator[Hit]:
    """Only people whom `user` may open. The search leaves an access row; the words are kept as a keyed hash."""
    matching = people_matching(query)
    if matching is None or not can(user, Person, "view"):
        return
    rows = matching.restrict(user, "view").order_by("-updated_at", "-pk")
    people = list(rows.defer(*left_out(Person, "document_number"))[:PER_GROUP])
    if people or is_exact(query):
        found = AccessEvent.Result.SHOWN if people else AccessEvent.Result.NOTHING
        ids = [one.pk for one in people]
        audit.access(actor=user, action="search", person_ids=ids, purpose="palette", query=query, result=found)
    if not people:
        yield from _held_elsewhere(user, query)
    stays = _stays(people)
    for person in people:
        stay = stays.get(person.pk)
        told = project(person, viewer=user)
        parts = [told["document_number"], stay.dwelling.address if stay else ""]
        yield Hit(
            title=told["name"],
            url=person.get_absolute_url(),
            note=" · ".join(part for part in parts if part),
            trailing=str(RegistrationStatus(stay.status).label) if stay else "",
            icon="user-round",
        )


def _held_elsewhere(user: User, query: str) -> Iterator[Hit]:
    """A whole number of somebody on file in another area: that it is so and where, no more (design §2.3)."""
    if not can(user, Registration, "add") or not is_whole_number(query):
        return
    for hit in find_duplicates(document_number=whole_number(query), actor=user):
        if not hit.in_scope and hit.is_exact:
            url = (
                reverse("residents:transfer_new", args=[hit.ticket]) if hit.ticket else reverse("residents:arrival_new")
            )
            yield Hit(gettext("Registered in another area"), url, hit.office, hit.status, "map-pin")


def find_doors(user: User, query: str) -> Iterator[Hit]:
    if not can(user, Dwelling, "view"):
        return
    for hit in find_dwellings(text=query, actor=user, limit=PER_GROUP):
        if hit.own:
            limit = "" if hit.capacity is None else f" / {hit.capacity}"
            dwelling = Dwelling(pk=hit.dwelling_id)
            yield Hit(hit.address, dwelling.get_absolute_url(), hit.community, f"{hit.living}{limit}", "house")


def _stays(people: list[Person]) -> dict[int, Registration]:
    rows = Registration.objects.standing().filter(person__in=people).select_related("dwelling")
    return {row.person_id: row for row in rows.order_by("arrived_on", "pk")}
