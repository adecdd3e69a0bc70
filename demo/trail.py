"""The change ledger (L2) and the visits that a stay leaves behind, as the register's own services would write them."""

from datetime import date, timedelta
from random import Random
from uuid import UUID

from demo.draws import Lot, later
from demo.places import FAR, Place
from demo.records import Change, Look, Stay
from demo.work import Work
from residents.choices import ChangeKind, DiscoveredBy, RegistrationStatus, VisitResult

LEAVE_LAG = Lot([((0, 3), 55), ((4, 30), 30), ((31, 120), 15)])
LAST_VISIT = Lot([((0, 30), 36), ((31, 90), 25), ((91, 180), 13), ((181, 500), 12), ((0, 0), 14)])
NEVER = (0, 0)
MOVED = "02"
LEFT_REASONS = Lot([("01", 74), ("07", 12), ("06", 9), ("03", 3), ("05", 1.5), ("04", 0.5)])
NOT_VERIFIED = "06"
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
CORRECTED, CHANGED_WORK = 0.03, 0.09
DESTINATIONS = ("浙江省杭州市", "浙江省义乌市", "浙江省宁波市", "返乡")


class Trail:
    def __init__(self, rng: Random, work: Work, today: date) -> None:
        self.rng = rng
        self.work = work
        self.today = today
        self.changes: list[Change] = []
        self.looks: list[Look] = []

    def taken(self) -> tuple[list[Change], list[Look]]:
        changes, looks = self.changes, self.looks
        self.changes, self.looks = [], []
        return changes, looks

    def opened(self, stay: Stay, moved_from: Stay | None, end: date) -> None:
        kinds = {"move": ChangeKind.ADDRESS, "return": ChangeKind.RENEWAL, "arrival": ChangeKind.ARRIVAL}
        if moved_from:
            moved_from.closed = stay.registered
            moved_from.left_for = stay.place.address
            moved_from.touched = max(moved_from.touched, stay.registered)
        found = DiscoveredBy.VISIT if stay.channel == "visit" else DiscoveredBy.PERSON
        before = stay.previous.place.address if stay.previous else ""
        self._write(
            stay,
            kinds[stay.begins],
            stay.registered,
            stay.arrived,
            before=before,
            after=stay.place.address,
            found=found,
        )
        chance = self.rng.random()
        if chance < CORRECTED:
            day = min(self.today, stay.registered + timedelta(days=self.rng.randint(0, 5)))
            self._write(stay, ChangeKind.CORRECTION, day, stay.registered, reason="登记信息录入有误")
        elif chance < CORRECTED + CHANGED_WORK and stay.workplace and stay.reason == "01":
            self._changed_work(stay, end)

    def closed(self, stay: Stay, end: date, *, moved: bool) -> None:
        stay.status, stay.left = RegistrationStatus.LEFT.value, end
        stay.closed = later(self.rng, end, LEAVE_LAG.draw(self.rng), self.today)
        stay.left_reason = MOVED if moved else LEFT_REASONS.draw(self.rng)
        if moved:
            stay.touched = max(stay.touched, stay.closed)
            return
        if stay.left_reason == "01" and self.rng.random() < 0.6:
            stay.left_for = self.rng.choice(DESTINATIONS)
        found = DiscoveredBy.SYSTEM.value if stay.left_reason == NOT_VERIFIED else FOUND_BY.draw(self.rng)
        self._write(
            stay,
            ChangeKind.DEPARTURE,
            stay.closed,
            end,
            before=stay.place.address,
            reason=stay.left_reason,
            destination=stay.left_for,
            found=found,
        )

    def undone(self, real: Stay, place: Place) -> Stay:
        """A first registration with a wrong entry, taken back on the same day."""
        day = real.registered
        stay = Stay(
            pk=0,
            person=real.person,
            place=place,
            begins="arrival",
            arrived=real.arrived,
            registered=day,
            counts_from=day,
            reason="99",
            workplace="",
            occupation="",
            channel="window",
            registrar=real.registrar,
            voucher=UUID(int=self.rng.getrandbits(128), version=4),
            status=RegistrationStatus.VOID.value,
            touched=day,
        )
        arrival = self._write(stay, ChangeKind.ARRIVAL, day, real.arrived, after=place.address)
        arrival.undone_by = self._write(
            stay, ChangeKind.UNDO, day, day, before=place.address, reason=ChangeKind.ARRIVAL.value
        )
        return stay

    def restored(self, stay: Stay) -> None:
        """Deregistered by mistake and put back: the stay itself never ended."""
        left = stay.registered + timedelta(days=self.rng.randint(30, 400))
        back = left + timedelta(days=self.rng.randint(1, 25))
        if back >= self.today:
            return
        found = DiscoveredBy.SYSTEM.value
        self._write(stay, ChangeKind.DEPARTURE, left, left, before=stay.place.address, reason=NOT_VERIFIED, found=found)
        self._write(stay, ChangeKind.RESTORE, back, back, before=left.isoformat(), reason="本人仍在原址居住")

    def visited(self, stay: Stay, end: date) -> None:
        """The last visits; when nobody was home, the day of the verification stays that of an earlier one."""
        band = LAST_VISIT.draw(self.rng)
        if band == NEVER:
            return
        day = min(end, self.today) - timedelta(days=self.rng.randint(*band))
        result = VISIT_RESULTS.draw(self.rng) if end == FAR else VisitResult.PRESENT.value
        for _visit in range(self.rng.randint(1, 3)):
            if day < stay.registered:
                return
            self.looks.append(Look(stay, day, result, stay.registrar))
            stay.verified_result = stay.verified_result or result
            if stay.verified_on is None and result != VisitResult.ABSENT:
                stay.verified_on = day
            stay.touched = max(stay.touched, day)
            result = VisitResult.PRESENT.value
            day -= timedelta(days=self.rng.randint(50, 140))

    def _changed_work(self, stay: Stay, end: date) -> None:
        happened = stay.registered + timedelta(days=self.rng.randint(40, 300))
        recorded = happened + timedelta(days=self.rng.randint(0, 15))
        if recorded >= min(end, self.today):
            return
        old = stay.workplace
        stay.workplace, stay.occupation = self.work.found(stay.person, stay.reason, stay.place.kind, happened)
        found = self.rng.choice((DiscoveredBy.PERSON.value, DiscoveredBy.EMPLOYER.value))
        self._write(stay, ChangeKind.WORKPLACE, recorded, happened, before=old, after=stay.workplace, found=found)

    def _write(
        self,
        stay: Stay,
        kind: ChangeKind,
        recorded: date,
        happened: date,
        *,
        before: str = "",
        after: str = "",
        reason: str = "",
        destination: str = "",
        found: str = DiscoveredBy.PERSON.value,
    ) -> Change:
        change = Change(
            stay, kind.value, recorded, happened, before, after, reason, destination, str(found), stay.registrar
        )
        self.changes.append(change)
        stay.touched = max(stay.touched, recorded)
        return change
