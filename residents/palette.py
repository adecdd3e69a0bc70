"""What the search box at the top finds: people by number, phone, initials or name, and doors by their shorthand."""

from collections.abc import Iterator

from portal.audit import services as audit
from portal.audit.models import AccessEvent
from portal.org.models import User
from portal.org.scoping import can
from portal.ui.search import PER_GROUP, Hit
from portal.vault.projection import left_out, project
from residents.choices import RegistrationStatus
from residents.models import Dwelling, Person, Registration
from residents.selectors import is_exact, people_matching
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
