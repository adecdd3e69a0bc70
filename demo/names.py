"""Names by frequency: surnames of the whole country, given names by sex and decade, names of some minorities."""

from functools import cache
from random import Random

from demo.draws import Lot, table

MALE, FEMALE = "1", "2"
ONE_CHARACTER_SHARE = {1900: 0.18, 1960: 0.2, 1980: 0.24, 2000: 0.1, 2010: 0.04}
DOUBLED = 0.03
RARE = 0.004
LATIN_GIVEN = {MALE: ("James", "Minh", "Ahmed", "Carlos", "Ivan"), FEMALE: ("Linh", "Maria", "Olga", "Fatima", "Anna")}
LATIN_FAMILY = ("Nguyen", "Tran", "Khan", "Silva", "Petrov", "Kim", "Phone", "Souk")


@cache
def surnames() -> Lot[str]:
    return Lot((row["surname"], float(row["weight"])) for row in table("surnames"))


@cache
def known_surnames() -> frozenset[str]:
    return frozenset(surnames().items)


@cache
def characters(sex: str, decade: int) -> Lot[str]:
    return Lot(
        (character, float(row["weight"]))
        for row in table("given_names")
        if row["sex"] == sex and int(row["from"]) <= decade <= int(row["to"])
        for character in row["characters"]
    )


@cache
def rare_characters() -> tuple[str, ...]:
    return tuple("".join(row["characters"] for row in table("given_names") if row["sex"] == "0"))


@cache
def minority(ethnicity: str, sex: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    for row in table("minority_names"):
        if (row["ethnicity"], row["sex"]) == (ethnicity, sex):
            return tuple(row["given"].split()), tuple(row["family"].split())
    return None


def name_of(rng: Random, *, sex: str, birth_year: int, ethnicity: str, surname: str = "") -> str:
    """`surname` is the father's for a child; a name of the form 名·姓 ignores it."""
    parts = minority(ethnicity, sex)
    if parts and rng.random() < (0.15 if ethnicity == "06" else 0.9):
        return f"{rng.choice(parts[0])}·{rng.choice(parts[1])}"
    return (surname or surnames().draw(rng)) + given_name(rng, sex=sex, birth_year=birth_year)


def given_name(rng: Random, *, sex: str, birth_year: int) -> str:
    decade = birth_year - birth_year % 10
    lot = characters(sex, decade)
    first = rng.choice(rare_characters()) if rng.random() < RARE else lot.draw(rng)
    single = next(share for since, share in reversed(ONE_CHARACTER_SHARE.items()) if decade >= since)
    if rng.random() < single:
        return first
    if sex == FEMALE and decade >= 1980 and rng.random() < DOUBLED:
        return first * 2
    second = lot.draw(rng)
    while second == first:
        second = lot.draw(rng)
    return first + second


def foreign_name(rng: Random, sex: str) -> str:
    return f"{rng.choice(LATIN_GIVEN[sex])} {rng.choice(LATIN_FAMILY)}"


def surname_of(name: str) -> str:
    return next((name[:size] for size in (2, 1) if name[:size] in known_surnames()), name[:1])
