"""Households: who comes, with whom, from where."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo.draws import Lot, settings_file
from demo.identity import Numbers, county_names, ethnicities, origins
from demo.names import FEMALE, MALE, foreign_name, name_of, surname_of
from residents.choices import DocumentKind
from residents.services.merging.keys import neighbours

HEAD, SPOUSE, CHILD, ELDER, STUDENT = "head", "spouse", "child", "elder", "student"
SHAPES = Lot([("single", 58), ("couple", 17), ("family", 16), ("parent", 2), ("three", 2), ("student", 5)])
WORKING_AGE = Lot([((18, 24), 20), ((25, 34), 32), ((35, 44), 25), ((45, 54), 16), ((55, 63), 7)])
MALE_SHARE = {"single": 0.62, "parent": 0.3, "student": 0.5}
HAN = "01"
DAYS_A_YEAR = 365.25
FROM_HMT, FROM_ABROAD = 0.004, 0.004
SAME_DOCUMENT_TWICE = 0.008
SHARED_PHONE = 0.02
WITH_PHONE = 0.94
MISMATCH = 0.003
ADULT, SCHOOL_AGE, ID_CARD_USUAL = 16, 6, 3
COUNTRIES = ("VNM", "LAO", "KOR", "PAK", "BRA", "RUS", "PHL")
HMT_PREFIX = {"HKG": ("810000", "H"), "MAC": ("820000", "M"), "TWN": ("830000", "")}
EDUCATION_BY_BIRTH = {
    1900: Lot([("81", 55), ("71", 35), ("61", 8), ("90", 2)]),
    1970: Lot([("81", 16), ("71", 56), ("61", 14), ("41", 9), ("31", 4), ("21", 1)]),
    1985: Lot([("81", 4), ("71", 45), ("61", 16), ("44", 14), ("31", 14), ("21", 7)]),
    1997: Lot([("71", 25), ("61", 17), ("44", 20), ("31", 24), ("21", 12), ("14", 2)]),
}


@dataclass(slots=True)
class Someone:
    pk: int
    part: str
    relation: str
    document_kind: str
    number: str
    name: str
    sex: str
    birth: date
    ethnicity: str
    nationality: str
    native_code: str
    native_address: str
    phone: str
    education: str
    marital: str
    political: str
    mismatch: str = ""

    def age(self, on: date) -> int:
        return on.year - self.birth.year - ((on.month, on.day) < (self.birth.month, self.birth.day))


@dataclass(slots=True)
class Origin:
    code: str
    address: str
    ethnicity: str


class Cradle:
    """Makes households; remembers a few people so that doubles and shared telephones occur."""

    def __init__(self, rng: Random, numbers: Numbers) -> None:
        self.rng = rng
        self.numbers = numbers
        self.towns = settings_file("places")["origin_towns"]
        self.last_phone = ""
        self.seen: list[Someone] = []

    def household(self, arrival: date) -> list[Someone]:
        shape = SHAPES.draw(self.rng)
        if shape == "single":
            return [self._single(arrival)]
        origin = self.origin()
        if shape == "student":
            return [self._person(STUDENT, "", origin, age=self.rng.randint(15, 18), on=arrival)]
        sex = MALE if self.rng.random() < MALE_SHARE.get(shape, 0.85) else FEMALE
        low, high = (26, 42) if shape != "couple" else (20, 58)
        head = self._person(HEAD, "", origin, age=self.rng.randint(low, high), on=arrival, sex=sex, married=True)
        people = [head]
        if shape != "parent":
            people.append(self._spouse(head, origin, arrival))
        else:
            head.marital = "40"
        if shape in ("family", "parent", "three"):
            people.extend(self._children(people, origin, arrival))
        if shape == "three":
            people.append(self._elder(head, origin, arrival))
        return people

    def origin(self) -> Origin:
        code = origins().draw(self.rng)
        where = self.rng.choice(self.towns["names"]) + self.rng.choice(self.towns["villages"])
        address = f"{county_names()[code]}{where}{self.rng.randint(1, 12)}组"
        return Origin(code, address, ethnicities(code[:2]).draw(self.rng))

    def _single(self, arrival: date) -> Someone:
        chance = self.rng.random()
        if chance < FROM_HMT:
            return self._hmt(arrival)
        if chance < FROM_HMT + FROM_ABROAD:
            return self._foreigner(arrival)
        if self.seen and self.rng.random() < SAME_DOCUMENT_TWICE:
            return self._double(self.rng.choice(self.seen))
        low, high = WORKING_AGE.draw(self.rng)
        sex = MALE if self.rng.random() < MALE_SHARE["single"] else FEMALE
        someone = self._person(HEAD, "", self.origin(), age=self.rng.randint(low, high), on=arrival, sex=sex)
        self.seen.append(someone)
        return someone

    def _person(
        self,
        part: str,
        relation: str,
        origin: Origin,
        *,
        age: int,
        on: date,
        sex: str = "",
        married: bool = False,
        surname: str = "",
    ) -> Someone:
        rng = self.rng
        sex = sex or rng.choice((MALE, FEMALE))
        born = on - timedelta(days=int(age * DAYS_A_YEAR) + rng.randint(1, 364))
        number, birth = self.numbers.resident_id(origin.code, born, sex)
        name = name_of(rng, sex=sex, birth_year=birth.year, ethnicity=origin.ethnicity, surname=surname)
        grown = age >= ADULT
        someone = Someone(
            pk=0,
            part=part,
            relation=relation,
            document_kind=self._document_kind(age),
            number=number,
            name=name,
            sex=sex,
            birth=birth,
            ethnicity=origin.ethnicity,
            nationality="CHN",
            native_code=origin.code,
            native_address=origin.address,
            phone=self._phone() if grown and rng.random() < WITH_PHONE else "",
            education=self._education(birth, age),
            marital=self._marital(age, married=married) if grown else "10",
            political=self._political(age),
        )
        if grown and rng.random() < MISMATCH:
            someone.birth = birth - timedelta(days=rng.randint(1, 300))
            someone.mismatch = "身份证记载的出生日期有误，以户口簿为准"
        return someone

    def _document_kind(self, age: int) -> str:
        booklet = age < ID_CARD_USUAL and self.rng.random() < 0.6
        return DocumentKind.HOUSEHOLD_BOOK.value if booklet else DocumentKind.RESIDENT_ID.value

    def _spouse(self, head: Someone, origin: Origin, arrival: date) -> Someone:
        rng = self.rng
        other = origin if rng.random() < 0.65 else self.origin()
        sex = FEMALE if head.sex == MALE else MALE
        age = max(20, head.age(arrival) + rng.randint(-4, 3))
        return self._person(SPOUSE, "12" if sex == FEMALE else "11", other, age=age, on=arrival, sex=sex, married=True)

    def _children(self, parents: list[Someone], origin: Origin, arrival: date) -> list[Someone]:
        rng = self.rng
        oldest = min(16, min(parent.age(arrival) for parent in parents) - 20)
        surname = surname_of(next((parent for parent in parents if parent.sex == MALE), parents[0]).name)
        surname = "" if "·" in parents[0].name else surname
        children = []
        for _child in range(1 if rng.random() < 0.6 else 2):
            sex = MALE if rng.random() < 0.52 else FEMALE
            age = rng.randint(-1, max(0, oldest))
            relation = "20" if sex == MALE else "30"
            children.append(self._person(CHILD, relation, origin, age=age, on=arrival, sex=sex, surname=surname))
        return children

    def _elder(self, head: Someone, origin: Origin, arrival: date) -> Someone:
        sex = FEMALE if self.rng.random() < 0.65 else MALE
        relation = "52" if sex == FEMALE else "51"
        age = head.age(arrival) + self.rng.randint(21, 32)
        return self._person(ELDER, relation, origin, age=age, on=arrival, sex=sex, married=True)

    def _double(self, other: Someone) -> Someone:
        """The same natural person once more, under a passport or with one digit mistyped: what the duplicate search
        has to find."""
        kind, number = DocumentKind.PASSPORT.value, self._mistyped(other)
        if number:
            kind = other.document_kind
        else:
            number = self.numbers.other("E", 8)
        return Someone(
            0, HEAD, "", kind, number, other.name, other.sex, other.birth, other.ethnicity,
            other.nationality, other.native_code, other.native_address, other.phone, other.education, other.marital,
            other.political,
        )  # fmt: skip

    def _mistyped(self, other: Someone) -> str:
        """Empty for every second person, and where every such number is taken."""
        if other.document_kind != DocumentKind.RESIDENT_ID or len(self.seen) % 2:
            return ""
        same_birth = {near for near in neighbours(other.number) if near[:14] == other.number[:14]}
        free = sorted(
            near for near in same_birth - self.numbers.given if (int(near[16]) % 2 == 1) == (other.sex == MALE)
        )
        self.numbers.given.update(free[:1])
        return free[0] if free else ""

    def _hmt(self, arrival: date) -> Someone:
        rng = self.rng
        nation = rng.choice(tuple(HMT_PREFIX))
        division, letter = HMT_PREFIX[nation]
        someone = self._person(HEAD, "", Origin(division, "", ""), age=rng.randint(25, 60), on=arrival)
        someone.ethnicity, someone.native_code, someone.native_address = "", division, ""
        if rng.random() < 0.5:
            someone.document_kind = DocumentKind.HMT_RESIDENCE.value
        elif letter:
            someone.document_kind, someone.number = DocumentKind.HK_MACAU_PERMIT.value, self.numbers.other(letter, 8)
        else:
            someone.document_kind, someone.number = DocumentKind.TAIWAN_PERMIT.value, self.numbers.other("", 8)
        someone.political = ""
        return someone

    def _foreigner(self, arrival: date) -> Someone:
        rng = self.rng
        someone = self._person(HEAD, "", Origin("000000", "", ""), age=rng.randint(22, 55), on=arrival)
        someone.document_kind, someone.number = DocumentKind.PASSPORT.value, self.numbers.other("Z", 8)
        someone.name = foreign_name(rng, someone.sex)
        someone.nationality = rng.choice(COUNTRIES)
        someone.ethnicity = someone.native_code = someone.political = someone.mismatch = ""
        return someone

    def _phone(self) -> str:
        if not self.last_phone or self.rng.random() >= SHARED_PHONE:
            self.last_phone = self.numbers.phone()
        return self.last_phone

    def _education(self, birth: date, age: int) -> str:
        if age < SCHOOL_AGE:
            return ""
        if age < ADULT:
            return "80" if age < 12 else "70"
        lot = next(lot for since, lot in reversed(EDUCATION_BY_BIRTH.items()) if birth.year >= since)
        return lot.draw(self.rng)

    def _marital(self, age: int, *, married: bool) -> str:
        if married:
            return "30" if age > 65 and self.rng.random() < 0.3 else "20"
        alone = self.rng.random()
        if age < 22 or alone < (1.3 - age / 40):
            return "10"
        return "20" if alone < 0.93 else "40"

    def _political(self, age: int) -> str:
        chance = self.rng.random()
        if 14 <= age <= 28 and chance < 0.25:
            return "03"
        return "01" if age >= ADULT and chance < 0.04 else "13"
