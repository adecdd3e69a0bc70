"""Document and telephone numbers that pass every check and belong to nobody. docs/demo-data.md gives the reasons."""

from datetime import date, timedelta
from functools import cache
from random import Random

from django.conf import settings

from demo.draws import Lot, table
from demo.names import FEMALE, MALE
from portal.org.services import read_divisions

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
CENTENARIANS = {MALE: ("997", "999"), FEMALE: ("996", "998")}
UNASSIGNED_MOBILE = "154"
OWN_COUNTY = "330822"
PROVINCE_DIGITS, COUNTY_DIGITS = 2, 6


def check_digit(seventeen: str) -> str:
    """GB 11643 (ISO 7064 MOD 11-2)."""
    return CHECK[sum(int(digit) * weight for digit, weight in zip(seventeen, WEIGHTS, strict=True)) % 11]


def resident_id(division: str, birth: date, sex: str, order: int) -> str:
    """`order` 0 or 1: the two order codes of each sex that GB 11643 keeps for people over a hundred."""
    body = f"{division}{birth:%Y%m%d}{CENTENARIANS[sex][order]}"
    return body + check_digit(body)


class Numbers:
    """Deals out every number once."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.given: set[str] = set()
        self.serial = 0

    def resident_id(self, division: str, birth: date, sex: str) -> tuple[str, date]:
        """The number, and the birth date in it: another day of the same months when both numbers of a day are out."""
        while True:
            for order in (0, 1):
                number = resident_id(division, birth, sex, order)
                if number not in self.given:
                    self.given.add(number)
                    return number, birth
            birth -= timedelta(days=self.rng.randint(1, 40))

    def other(self, prefix: str, digits: int) -> str:
        """A travel document: the prefix, 99, and a running number."""
        self.serial += 1
        return f"{prefix}99{self.serial:0{digits - 2}d}"

    def phone(self) -> str:
        return f"{UNASSIGNED_MOBILE}{self.rng.randrange(10**8):08d}"


@cache
def county_names() -> dict[str, str]:
    """Full names of the county-level divisions of the country."""
    rows = read_divisions(settings.BASE_DIR / "data" / "divisions" / "national_to_county.tsv")
    names = dict(rows)
    full = {}
    for code, name in rows:
        if len(code) == COUNTY_DIGITS:
            above = (names.get(code[:2], ""), names.get(code[:4], ""))
            full[code] = "".join(part for part in (*above, name) if part not in ("市辖区", "县"))
    return full


@cache
def origins() -> Lot[str]:
    """County codes of origin. A province's weight falls off over its counties, so that some send many."""
    weights: dict[str, float] = {}
    for row in table("origins"):
        code, weight = row["code"], float(row["weight"])
        if len(code) == COUNTY_DIGITS:
            weights[code] = weights.get(code, 0) + weight
            continue
        counties = [known for known in county_names() if known.startswith(code) and known != OWN_COUNTY]
        shuffled = Random(code).sample(counties, len(counties))
        shares = [1 / (rank + 3) for rank in range(len(shuffled))]
        for county, share in zip(shuffled, shares, strict=True):
            weights[county] = weights.get(county, 0) + weight * share / sum(shares)
    return Lot(sorted(weights.items()))


@cache
def ethnicities(province: str) -> Lot[str]:
    rows = [row for row in table("ethnicities") if row["province"] == province]
    shares = [(row["ethnicity"], float(row["percent"])) for row in rows]
    return Lot([("01", 100 - sum(share for _code, share in shares)), *shares])
