"""Finding people: the queries behind list and search, each beside a primary-key read of the same run."""

import random

from django.db import connection
from django.db.models import Q

from bench import keys as by_key
from bench.county import COUNTY, police
from bench.figures import Figure, Report, interleaved
from portal.org.scoping import scope_of
from residents.models import Person
from residents.services.identity import document_index

RUNS = 40
PAGE = 50
LIST = ("pk", "name", "sex", "birth_date", "area_code", "updated_at")


def run(report: Report) -> None:
    chance = random.Random(COUNTY)
    keys = list(Person.objects.order_by("?").values_list("pk", flat=True)[:200])
    names = [name[-2:] for name in Person.objects.order_by("?").values_list("name", flat=True)[:200]]
    visible = Person.objects.filter(scope_of(police(), Person, "view").q())
    township = visible.values_list("township_code", flat=True).order_by("?")[0]
    newest = visible.order_by("-updated_at", "-id")
    deep = list(newest.values_list("updated_at", "pk")[len(keys) * 20 :][:1]) or list(
        newest.values_list("updated_at", "pk")[:1]
    )
    before, last = deep[0]
    functions = {
        "search primary key": lambda: Person.objects.values_list(*LIST).get(pk=chance.choice(keys)),
        "search list of the county, newest 50": lambda: list(newest.values_list(*LIST)[:PAGE]),
        "search list of a township, newest 50": lambda: list(
            newest.filter(township_code=township).values_list(*LIST)[:PAGE]
        ),
        "search keyset page far down": lambda: list(
            newest.filter(Q(updated_at__lt=before) | Q(updated_at=before, pk__lt=last)).values_list(*LIST)[:PAGE]
        ),
        "search two characters of a name": lambda: list(
            visible.name_contains(chance.choice(names)).order_by("-updated_at", "-id").values_list(*LIST)[:PAGE]
        ),
        "search ID number by its keyed hash": lambda: (
            Person.objects.values_list(*LIST).filter(document_index=document_index(str(chance.choice(keys)))).first()
        ),
        "search capped count": visible.order_by()[:1001].count,
        "search exact count": visible.order_by().count,
    }
    targets = {
        "search list of the county, newest 50": "<= 5",
        "search list of a township, newest 50": "<= 5",
        "search keyset page far down": "<= 10",
        "search two characters of a name": "<= 250",
        "search ID number by its keyed hash": "<= 3",
    }
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '30s'")
    medians = dict(zip(functions, interleaved(RUNS, *functions.values()), strict=True))
    key = medians["search primary key"]
    for name, value in medians.items():
        report.add(Figure(name, value, "ms", value / key if name in targets else None, targets.get(name, "")))
    by_key.run(report)
