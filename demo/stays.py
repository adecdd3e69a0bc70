"""Three years of coming, moving, going home for the new year and coming back, one household at a time."""

from datetime import date, timedelta
from functools import cache
from random import Random
from uuid import UUID

from demo.draws import Lot, later, settings_file
from demo.people import CHILD, ELDER, STUDENT, Someone
from demo.places import DORMITORY, FAR, LODGING, OWN, RENTAL, SITE, County
from demo.records import Segment, Stay
from demo.staff import Staff
from demo.trail import Trail
from demo.work import Work

YEARS_OF_HISTORY = 3
EARLIER = 0.12
MOST_STAYS = 4
MEAN_STAY_DAYS = 620
SHORTEST_STAY = 20
ENDINGS = Lot([("move", 42), ("leave", 33), ("return", 25)])
HOME_FOR_NEW_YEAR = 0.55
FESTIVAL_REACH = timedelta(days=120)
REPORTING_LAG = Lot([((0, 3), 84), ((4, 30), 12), ((31, 150), 4)])
CHANNELS = Lot(
    [("window", 42), ("visit", 27), ("self", 12), ("employer", 10), ("lessor", 6), ("property", 2), ("import", 1)]
)
UNDONE = 0.004
RESTORED = 0.012


@cache
def festivals() -> list[date]:
    return list(settings_file("festivals")["spring_festival"])


class Chronicle:
    """Tells the stays of one household after another; `trail` keeps what they leave behind."""

    def __init__(self, rng: Random, county: County, staff: Staff, today: date) -> None:
        self.rng = rng
        self.county = county
        self.staff = staff
        self.today = today
        self.work = Work(rng)
        self.trail = Trail(rng, self.work, today)
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
                quits = windows[position][1]
                end = min(segment.end or FAR, quits)
                if start >= end or start > self.today:
                    continue
                moves = segment.ending == "move" and end == segment.end and end < quits
                stay = self._stay(someone, segment, start, end, last.get(position), moves=moves)
                if position not in last and self.rng.random() < UNDONE:
                    stays.append(self.trail.undone(stay, segment.place))
                stay.head = head
                head = head or stay
                last[position] = stay
                stays.append(stay)
        return stays

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

    def _stay(
        self, someone: Someone, segment: Segment, start: date, end: date, before: Stay | None, *, moves: bool
    ) -> Stay:
        rng = self.rng
        joined = before is not None and segment.begins == "move" and before.left == start
        ended = end < FAR
        limit = min(self.today, end - timedelta(days=1)) if ended else self.today
        registered = later(rng, start, REPORTING_LAG.draw(rng), limit)
        reason = before.reason if before and rng.random() < 0.9 else self.work.reason(someone, start)
        if before and before.workplace and (joined or rng.random() < 0.5):
            workplace, occupation = before.workplace, before.occupation
        else:
            workplace, occupation = self.work.found(someone, reason, segment.place.kind, start)
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
        self.trail.opened(stay, before if joined else None, end)
        self.trail.visited(stay, end)
        if ended:
            self.trail.closed(stay, end, moved=moves)
        elif rng.random() < RESTORED:
            self.trail.restored(stay)
        return stay
