"""The list of likely duplicates: the county was loaded by COPY, which writes no pairs."""

from portal.org.middleware import scoped_transaction
from portal.org.services import system_user
from residents.models import Person
from residents.services.merging.pairs import refresh_pairs

MOST = 20_000
"""Of a larger county the newest files; the nightly job and `residents.refresh_pairs` with `all` do the rest."""


def fill_duplicates() -> None:
    with scoped_transaction(system_user()):
        newest = Person.objects.filter(merged_into=None).order_by("-pk").values_list("pk", flat=True)[:MOST]
        refresh_pairs(person_ids=list(newest))
