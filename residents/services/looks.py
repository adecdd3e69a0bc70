"""What somebody had open last, offered again by the search box. Only what may still be opened is given back."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from portal.core import clock
from portal.org.models import User
from residents.models import Dwelling, Person, RecentLook

KEPT = 12


def remember_person(person_id: int, *, actor: User) -> None:
    """Two statements, however long the list is."""
    _remember("person", person_id, actor)


def remember_dwelling(dwelling_id: int, *, actor: User) -> None:
    _remember("dwelling", dwelling_id, actor)


def recent_people(user: User) -> QuerySet[Person]:
    """Newest look first; people whom the user may not open any more are left out."""
    seen = RecentLook.objects.filter(viewer=user, person=OuterRef("pk")).values("seen_at")
    mine = RecentLook.objects.filter(viewer=user, person__isnull=False).values("person")
    rows = Person.objects.restrict(user, "view").filter(pk__in=mine, forgotten_on=None)
    return rows.annotate(seen_at=Subquery(seen)).order_by("-seen_at", "-pk")


def recent_dwellings(user: User) -> QuerySet[Dwelling]:
    seen = RecentLook.objects.filter(viewer=user, dwelling=OuterRef("pk")).values("seen_at")
    mine = RecentLook.objects.filter(viewer=user, dwelling__isnull=False).values("dwelling")
    rows = Dwelling.objects.restrict(user, "view").filter(pk__in=mine)
    return rows.annotate(seen_at=Subquery(seen)).order_by("-seen_at", "-pk")


def _remember(kind: str, pk: int, viewer: User) -> None:
    row: dict[str, Any] = {f"{kind}_id": pk}
    RecentLook.objects.bulk_create(
        [RecentLook(viewer=viewer, seen_at=clock.now(), **row)],
        update_conflicts=True,
        unique_fields=["viewer", kind],
        update_fields=["seen_at"],
    )
    mine = RecentLook.objects.filter(viewer=viewer, **{f"{kind}__isnull": False})
    kept = mine.order_by("-seen_at", "-pk").values("pk")[:KEPT]
    mine.exclude(pk__in=kept).delete()
