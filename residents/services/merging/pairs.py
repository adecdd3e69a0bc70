"""The list of likely duplicates, kept current while files are written (ADR 0017).

Works as the system user inside the transaction of the step: a pair may lie in two offices, and whoever writes one
file does not see the other. What is written names nobody, and each office sees the pair through its own side.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.services import system_user
from portal.policy.services import rule
from residents.choices import PairStatus
from residents.models import DuplicatePair, DuplicateSide, Person
from residents.services.merging import keys

AREA_LENGTHS = (15, 12, 9, 6, 4, 2)
CHUNK = 200
LIVING = (PairStatus.OPEN, PairStatus.GONE)
DECIDED = (PairStatus.MERGED, PairStatus.NOT_SAME)


@dataclass(frozen=True, slots=True)
class _Likely:
    one: Person
    other: Person
    score: int
    reasons: list[keys.Reason]

    @property
    def ids(self) -> tuple[int, int]:
        return ordered(self.one.pk, self.other.pk)


def ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def refresh_pairs(*, person_ids: Iterable[int]) -> int:
    """Look for duplicates of these files anew and write down what was found; returns how many pairs are open.

    Index look-ups only: about two milliseconds a file at five million people. Pairs that were decided stay decided.
    """
    wanted = list(dict.fromkeys(person_ids))
    with scoped_transaction(system_user()):
        return sum(_refresh(wanted[at : at + CHUNK]) for at in range(0, len(wanted), CHUNK))


def areas_of(pair_ids: Iterable[int]) -> dict[tuple[int, int], str]:
    """By pair and person the area that answers for the file. Told to whoever sees the pair: that the other file stands
    in another office, and in which; nothing else of it."""
    with scoped_transaction(system_user()):
        rows = DuplicateSide.objects.filter(pair__in=list(pair_ids)).values_list("pair", "person", "area_code")
        return {(pair, person): area for pair, person, area in rows}


def follow_person(person: Person) -> None:
    """The file went to another office: its pairs are seen there from now on."""
    with scoped_transaction(system_user()):
        sides = DuplicateSide.objects.filter(person=person)
        if not sides.update(area_code=person.area_code):
            return
        for pair in DuplicatePair.objects.filter(sides__person=person).prefetch_related("sides"):
            pair.area_code = area_of_both(*(side.area_code for side in pair.sides.all()))
            pair.save(update_fields=["area_code"])


def area_of_both(one: str, other: str = "") -> str:
    """The smallest area that holds both offices; the county's superior where two counties meet."""
    return next((one[:length] for length in AREA_LENGTHS if one[:length] == (other or one)[:length]), "")


def _refresh(person_ids: Sequence[int]) -> int:
    people = list(Person.objects.filter(pk__in=person_ids, merged_into=None, forgotten_on=None))
    homes = keys.dwellings_of([person.pk for person in people])
    known = _known([person.pk for person in people])
    also = {
        n: [pair.second_id if pair.first_id == person.pk else pair.first_id for pair in known.values()
            if person.pk in pair.person_ids and pair.status == PairStatus.OPEN]
        for n, person in enumerate(people)
    }  # fmt: skip
    probes = [keys.probe_of(person, homes.get(person.pk, ())) for person in people]
    found = keys.matches(probes, also=also)
    most, threshold = int(rule("duplicates.pairs_limit").value), int(rule("duplicates.threshold").value)
    likely = {}
    for n, person in enumerate(people):
        for match in [one for one in found[n] if one.score >= threshold][:most]:
            one = _Likely(person, match.person, match.score, match.reasons)
            likely[one.ids] = one
    apart = _kept_apart(likely)
    likely = {ids: one for ids, one in likely.items() if ids not in apart}
    _write(likely, known)
    return len(likely)


def _known(person_ids: list[int]) -> dict[tuple[int, int], DuplicatePair]:
    rows = DuplicatePair.objects.filter(Q(first__in=person_ids) | Q(second__in=person_ids))
    return {pair.person_ids: pair for pair in rows}


def _kept_apart(likely: dict[tuple[int, int], _Likely]) -> set[tuple[int, int]]:
    """What was said of a file that went up in one of these two was said of the one that goes on."""
    alive = {pk for ids in likely for pk in ids}
    rows = Person.objects.filter(merged_into__in=alive).values_list("pk", "merged_into") if alive else ()
    absorbed = {pk: onto for pk, onto in rows if onto is not None}
    if not absorbed:
        return set()
    said = DuplicatePair.objects.filter(Q(first__in=absorbed) | Q(second__in=absorbed), status=PairStatus.NOT_SAME)
    return {
        ordered(absorbed.get(first, first), absorbed.get(second, second))
        for first, second in said.values_list("first", "second")
    }


def _write(likely: dict[tuple[int, int], _Likely], known: dict[tuple[int, int], DuplicatePair]) -> None:
    new = [(ids, one) for ids, one in likely.items() if ids not in known]
    made = DuplicatePair.objects.bulk_create(
        [
            DuplicatePair(
                first_id=ids[0],
                second_id=ids[1],
                score=one.score,
                reasons=one.reasons,
                area_code=area_of_both(one.one.area_code, one.other.area_code),
            )
            for ids, one in new
        ],
        ignore_conflicts=True,
    )
    if made:
        _write_sides(dict(new))
    for ids, pair in known.items():
        if pair.status in LIVING:
            _renew(pair, likely.get(ids))


def _write_sides(new: dict[tuple[int, int], _Likely]) -> None:
    """Read again: of two clerks who find the same pair at the same moment, one has written it."""
    first_ids = [ids[0] for ids in new]
    rows = DuplicatePair.objects.filter(first__in=first_ids, second__in=[ids[1] for ids in new])
    sides = [
        DuplicateSide(pair=pair, person=person, area_code=person.area_code)
        for pair in rows
        if pair.person_ids in new
        for person in (new[pair.person_ids].one, new[pair.person_ids].other)
    ]
    DuplicateSide.objects.bulk_create(sides, ignore_conflicts=True)


def _renew(pair: DuplicatePair, likely: _Likely | None) -> None:
    """What somebody said stays said, whatever the keys find."""
    named = [one for one in pair.reasons if one[0] == keys.NAMED]
    status = PairStatus.OPEN if likely or named else PairStatus.GONE
    reasons = [*(list(one) for one in likely.reasons), *named] if likely else named or pair.reasons
    score = sum(points for _code, points in reasons)
    area = area_of_both(likely.one.area_code, likely.other.area_code) if likely else pair.area_code
    if (pair.status, pair.score, pair.reasons, pair.area_code) == (status, score, reasons, area):
        return
    pair.status, pair.score, pair.reasons, pair.area_code = status, score, reasons, area
    pair.version += 1
    pair.save(update_fields=["status", "score", "reasons", "area_code", "version"])


def rest(*, person_id: int) -> None:
    """Open pairs of a file that went up in another one wait; a merge that is taken back looks for them anew."""
    with scoped_transaction(system_user()):
        rows = DuplicatePair.objects.filter(Q(first=person_id) | Q(second=person_id), status=PairStatus.OPEN)
        rows.update(status=PairStatus.GONE, updated_at=clock.now())
