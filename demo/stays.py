"""Three years of coming, moving, going home for the new year and coming back, one household at a time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from demo.draws import Lot, settings_file
from demo.people import CHILD, ELDER, HEAD, SPOUSE, STUDENT, Someone
from demo.places import DORMITORY, FAR, LODGING, OWN, RENTAL, SITE, Community, County, Place
from demo.staff import Staff
from residents.choices import ChangeKind, DiscoveredBy, RegistrationStatus, VisitResult

YEARS_OF_HISTORY = 3
EARLIER = 0.12
MOST_STAYS = 4
MEAN_STAY_DAYS = 620
SHORTEST_STAY = 20
ENDINGS = Lot([("move", 42), ("leave", 33), ("return", 25)])
HOME_FOR_NEW_YEAR = 0.55
FESTIVAL_REACH = timedelta(days=120)
REPORTING_LAG = Lot([((0, 3), 84), ((4, 30), 12), ((31, 150), 4)])
LEAVE_LAG = Lot([((0, 3), 55), ((4, 30), 30), ((31, 120), 15)])
LAST_VISIT = Lot([((0, 30), 36), ((31, 90), 25), ((91, 180), 13), ((181, 500), 12), (None, 14)])
CHANNELS = Lot(
    [("window", 42), ("visit", 27), ("self", 12), ("employer", 10), ("lessor", 6), ("property", 2), ("import", 1)]
)
LEFT_REASONS = Lot([("01", 74), ("07", 12), ("06", 9), ("03", 3), ("05", 1.5), ("04", 0.5)])
FOUND_BY = Lot(
    [
        (DiscoveredBy.PERSON.value, 40),
        (DiscoveredBy.LANDLORD.value, 18),
        (DiscoveredBy.EMPLOYER.value, 14),
        (DiscoveredBy.VISIT.value, 23),
        (DiscoveredBy.SYSTEM.value, 5),
    ]
)
VISIT_RESULTS = Lot(
    [
        (VisitResult.PRESENT.value, 86),
        (VisitResult.ABSENT.value, 11),
        (VisitResult.MOVED.value, 2),
        (VisitResult.LEFT.value, 1),
    ]
)
WORK = Lot([("01", 84), ("03", 9), ("04", 4), ("02", 2), ("08", 0.6), ("05", 0.4)])
SPOUSE_WORKS = 0.72
SETTLED = 0.002


@dataclass(slots=True)
class Segment:
    start: date
    end: date | None
    ending: str
    begins: str
    community: Community
    place: Place


@dataclass(slots=True)
class Stay:
    pk: int
    person: Someone
    place: Place
    begins: str
    arrived: date
    registered: date
    counts_from: date
    reason: str
    workplace: str
    occupation: str
    channel: str
    registrar: int
    voucher: UUID
    planned_until: date | None = None
    head: "Stay | None" = None
    previous: "Stay | None" = None
    status: str = RegistrationStatus.ACTIVE.value
    left: date | None = None
    left_reason: str = ""
    left_for: str = ""
    closed: date | None = None
    verified_on: date | None = None
    verified_result: str = ""
    suspended_days: int = 0
    touched: date = date.min


@dataclass(slots=True)
class Change:
    stay: Stay
    kind: str
    recorded: date
    happened: date
    before: str = ""
    after: str = ""
    reason: str = ""
    destination: str = ""
    discovered_by: str = DiscoveredBy.PERSON.value
    actor: int = 0
    undone_by: "Change | None" = None
    pk: int = 0


@dataclass(slots=True)
class Look:
    stay: Stay
    day: date
    result: str
    visitor: int


@cache
def festivals() -> list[date]:
    return list(settings_file("festivals")["spring_festival"])


@cache
def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def office_hour(rng: Random, day: date, now: datetime) -> datetime:
    """Some minute of the working day, never later than `now`."""
    moment = datetime.combine(day, time(8, 30), zone()) + timedelta(seconds=rng.randrange(9 * 3600))
    return min(moment, now)


class Chronicle:
    """Tells the stays of a household; collects the change ledger and the visits on the way."""

    def __init__(self, rng: Random, county: County, staff: Staff, today: date) -> None:
        self.rng = rng
        self.county = county
        self.staff = staff
        self.today = today
        self.plan = settings_file("places")
        self.changes: list[Change] = []
        self.looks: list[Look] = []
        self._arrivals = self._arrival_days()

    def arrival_day(self) -> date:
        day = self._arrivals.draw(self.rng)
        if self.rng.random() < EARLIER:
            return day - timedelta(days=365 * self.rng.randint(YEARS_OF_HISTORY, 6))
        return day

    def household(self, people: list[Someone], arrival: date) -> list[Stay]:
        segments = self._segments(people, arrival)
        stays: list[Stay] = []
        windows = [self._window(someone, arrival) for someone in people]
        last: dict[int, Stay] = {}
        for segment in segments:
            head: Stay | None = None
            for position, someone in enumerate(people):
                start = max(segment.start, windows[position][0])
                end = min(segment.end or FAR, windows[position][1])
                if start >= end or start > self.today:
                    continue
                stay = self._stay(someone, segment, start, end, last.get(position))
                stay.head = head
                head = head or stay
                last[position] = stay
                stays.append(stay)
        return stays

    def taken(self) -> tuple[list[Change], list[Look]]:
        changes, looks = self.changes, self.looks
        self.changes, self.looks = [], []
        return changes, looks

    def _arrival_days(self) -> Lot[date]:
        shares = settings_file("festivals")["arrivals_by_month"]
        days = [self.today - timedelta(days=back) for back in range(365 * YEARS_OF_HISTORY)]
        return Lot((day, shares[day.month - 1]) for day in days)

    def _segments(self, people: list[Someone], arrival: date) -> list[Segment]:
        rng, size = self.rng, len(people)
        community = self.county.communities.draw(rng)
        kind = self._kind_of_dwelling(people)
        segments: list[Segment] = []
        start, begins = arrival, "arrival"
        for number in range(1, MOST_STAYS + 1):
            end, ending = self._ending(start, last=number == MOST_STAYS)
            place = self.county.settle(community, start, end, size, kind=kind)
            segments.append(Segment(start, end, ending, begins, community, place))
            if end is None or ending == "leave":
                break
            begins = ending
            start = end if ending == "move" else self._return_day(end)
            if start > self.today:
                segments[-1].ending = "leave"
                break
            if rng.random() < 0.6:
                community = self.county.communities.draw(rng)
            kind = kind if kind == DORMITORY and rng.random() < 0.5 else self._kind_of_dwelling(people)
        return segments

    def _kind_of_dwelling(self, people: list[Someone]) -> str:
        if people[0].part == STUDENT:
            return DORMITORY if self.rng.random() < 0.5 else RENTAL
        kind = LODGING.draw(self.rng)
        if len(people) > 1 and kind in (SITE, DORMITORY):
            return RENTAL
        return OWN if len(people) > 2 and self.rng.random() < 0.1 else kind

    def _ending(self, start: date, *, last: bool) -> tuple[date | None, str]:
        end = start + timedelta(days=SHORTEST_STAY + int(self.rng.expovariate(1 / MEAN_STAY_DAYS)))
        if last or end >= self.today:
            return None, ""
        ending = ENDINGS.draw(self.rng)
        if ending != "move" and self.rng.random() < HOME_FOR_NEW_YEAR:
            end = self._before_new_year(end, start)
        return end, ending

    def _before_new_year(self, end: date, start: date) -> date:
        for festival in festivals():
            snapped = festival - timedelta(days=self.rng.randint(4, 22))
            if abs(festival - end) < FESTIVAL_REACH and start + timedelta(days=SHORTEST_STAY) <= snapped < self.today:
                return snapped
        return end

    def _return_day(self, left: date) -> date:
        for festival in festivals():
            if timedelta(0) < festival - left < timedelta(days=25):
                return festival + timedelta(days=self.rng.randint(8, 30))
        return left + timedelta(days=self.rng.randint(20, 150))

    def _window(self, someone: Someone, arrival: date) -> tuple[date, date]:
        """When this member is there at all: children are born later, follow for school, or go home for it."""
        rng, joins, quits = self.rng, arrival, FAR
        if someone.part in (CHILD, ELDER):
            joins = max(arrival, someone.birth + timedelta(days=rng.randint(20, 60)))
            if rng.random() < 0.2:
                joins = max(joins, date(arrival.year + (arrival.month > 8), 8, 26) + timedelta(days=rng.randint(0, 9)))
            if rng.random() < 0.06:
                quits = joins + timedelta(days=rng.randint(100, 700))
        if quits >= self.today:
            quits = FAR
        return joins, quits

    def _stay(self, someone: Someone, segment: Segment, start: date, end: date, before: Stay | None) -> Stay:
        rng = self.rng
        joined = before is not None and segment.begins == "move" and before.left == start
        low, high = REPORTING_LAG.draw(rng)
        ended = end < FAR
        limit = min(self.today, end - timedelta(days=1)) if ended else self.today
        registered = min(start + timedelta(days=rng.randint(low, high)), max(limit, start))
        reason = before.reason if before and rng.random() < 0.9 else self._reason(someone, start)
        if before and before.workplace and (joined or rng.random() < 0.5):
            workplace, occupation = before.workplace, before.occupation
        else:
            workplace, occupation = self._work(someone, reason, segment.place.kind, start)
        registrar = self.staff.registrar(rng, segment.place.area_code)
        stay = Stay(
            pk=0,
            person=someone,
            place=segment.place,
            begins="move" if joined else ("return" if before else "arrival"),
            arrived=start,
            registered=registered,
            counts_from=before.counts_from if joined and before else registered,
            reason=reason,
            workplace=workplace,
            occupation=occupation,
            channel=CHANNELS.draw(rng),
            registrar=registrar,
            voucher=UUID(int=rng.getrandbits(128), version=4),
            planned_until=start + timedelta(days=rng.choice((180, 365, 730))) if rng.random() < 0.5 else None,
            previous=before if before else None,
            touched=registered,
        )
        self._opened(stay, before if joined else None, end)
        self._visits(stay, end)
        if ended:
            self._closed(stay, end, moved=segment.ending == "move" and end == segment.end)
        return stay

    def _opened(self, stay: Stay, moved_from: Stay | None, end: date) -> None:
        kinds = {"move": ChangeKind.ADDRESS, "return": ChangeKind.RENEWAL, "arrival": ChangeKind.ARRIVAL}
        if moved_from:
            moved_from.closed = stay.registered
            moved_from.touched = max(moved_from.touched, stay.registered)
        self.changes.append(
            Change(
                stay,
                kinds[stay.begins].value,
                stay.registered,
                stay.arrived,
                before=stay.previous.place.address if stay.previous else "",
                after=stay.place.address,
                discovered_by=DiscoveredBy.VISIT.value if stay.channel == "visit" else DiscoveredBy.PERSON.value,
                actor=stay.registrar,
            )
        )
        chance = self.rng.random()
        if chance < 0.03:
            self._corrected(stay)
        elif chance < 0.12 and stay.reason == "01":
            self._changed_work(stay, end)

    def _corrected(self, stay: Stay) -> None:
        day = min(self.today, stay.registered + timedelta(days=self.rng.randint(0, 5)))
        self.changes.append(
            Change(
                stay,
                ChangeKind.CORRECTION.value,
                day,
                stay.registered,
                reason="登记信息录入有误",
                actor=stay.registrar,
            )
        )
        stay.touched = max(stay.touched, day)

    def _changed_work(self, stay: Stay, end: date) -> None:
        happened = stay.registered + timedelta(days=self.rng.randint(40, 300))
        recorded = happened + timedelta(days=self.rng.randint(0, 15))
        if recorded >= min(end, self.today):
            return
        old = stay.workplace
        stay.workplace, stay.occupation = self._work(stay.person, stay.reason, stay.place.kind, happened)
        stay.touched = max(stay.touched, recorded)
        self.changes.append(
            Change(
                stay,
                ChangeKind.WORKPLACE.value,
                recorded,
                happened,
                before=old,
                after=stay.workplace,
                discovered_by=self.rng.choice((DiscoveredBy.PERSON.value, DiscoveredBy.EMPLOYER.value)),
                actor=stay.registrar,
            )
        )

    def _closed(self, stay: Stay, end: date, *, moved: bool) -> None:
        low, high = LEAVE_LAG.draw(self.rng)
        stay.status, stay.left = RegistrationStatus.LEFT.value, end
        stay.closed = min(self.today, end + timedelta(days=self.rng.randint(low, high)))
        stay.left_reason = "02" if moved else LEFT_REASONS.draw(self.rng)
        stay.touched = max(stay.touched, stay.closed)
        if moved:
            return
        if stay.left_reason == "01" and self.rng.random() < 0.6:
            stay.left_for = self.rng.choice((stay.person.native_address[:6], "浙江省杭州市", "浙江省义乌市", "返乡"))
        found = DiscoveredBy.SYSTEM.value if stay.left_reason == "06" else FOUND_BY.draw(self.rng)
        self.changes.append(
            Change(
                stay,
                ChangeKind.DEPARTURE.value,
                stay.closed,
                end,
                before=stay.place.address,
                reason=stay.left_reason,
                destination=stay.left_for,
                discovered_by=found,
                actor=stay.registrar,
            )
        )

    def _visits(self, stay: Stay, end: date) -> None:
        rng = self.rng
        band = LAST_VISIT.draw(rng)
        if band is None:
            return
        until = min(end, self.today)
        day = until - timedelta(days=rng.randint(*band))
        result = VISIT_RESULTS.draw(rng) if end == FAR else VisitResult.PRESENT.value
        for number in range(rng.randint(1, 3)):
            if day < stay.registered:
                return
            if number == 0:
                stay.verified_on, stay.verified_result = day, result
                stay.touched = max(stay.touched, day)
            self.looks.append(Look(stay, day, result, stay.registrar))
            result = VisitResult.PRESENT.value
            day -= timedelta(days=rng.randint(50, 140))

    def _reason(self, someone: Someone, on: date) -> str:
        rng, age = self.rng, someone.age(on)
        if someone.part == STUDENT or (someone.part == CHILD and 6 <= age <= 17 and rng.random() < 0.85):
            return "06"
        if someone.part in (CHILD, ELDER) or (someone.part == SPOUSE and rng.random() >= SPOUSE_WORKS):
            return "09"
        if someone.part == HEAD and rng.random() < 0.02:
            return rng.choice(("10", "07", "11", "99"))
        return WORK.draw(rng)

    def _work(self, someone: Someone, reason: str, kind: str, on: date) -> tuple[str, str]:
        rng, employers, posts = self.rng, self.plan["employers"], self.plan["occupations"]
        if reason == "06":
            schools = employers["high_schools"] if someone.age(on) >= 15 else employers["schools"]
            return rng.choice(schools), "学生"
        if reason not in ("01", "02", "03", "04"):
            return "", ""
        line = {"02": "farm", "04": "service", "03": "service"}.get(reason, "job")
        if reason == "01":
            line = "site" if kind == SITE else rng.choice(("job", "job", "job", "service"))
        post = rng.choice(posts["business" if reason == "03" else line])
        return f"常山县{rng.choice(employers['words'])}{rng.choice(employers[line])}", post
