"""Years of a permit: endorsed in the window, suspended, endorsed late, moved, replaced, ended."""

from datetime import date, timedelta
from random import Random

from demo.files import Card, Drawer, File, Stamp, Step
from demo.places import FAR
from demo.records import Stay
from demo.staff import COUNTY_CODE, Staff
from residents.choices import ApplicationKind, ApplicationStatus, PermitStatus, PermitStepKind, ProofKind
from residents.models import Permit
from residents.services.permits.cards import LEFT, anniversary_after, window_opens
from residents.services.permits.endorsements import suspension_day

ENDORSED_IN_TIME = 0.84
ENDORSED_LATE = 0.6
ENDED_WHEN_GONE = 0.85
REPLACED = 0.025
REMINDED = 0.45
REASON_LEFT = "离开本地"
REASON_REPLACED = {True: "丢失补领", False: "损坏换领"}
FEE = 20


class PermitLife:
    def __init__(self, rng: Random, staff: Staff, today: date, drawer: Drawer) -> None:
        self.rng = rng
        self.staff = staff
        self.today = today
        self.drawer = drawer
        self.missing = {"late", "suspended"}

    def run(self, card: Card, spell: list[Stay], file: File, *, came_back: bool) -> None:
        """From the issue to today, or to the day the holder left."""
        end = min(spell[-1].left or FAR, self.today)
        anchor = card.issued
        while card.endorse_by <= end:
            if self.rng.random() < ENDORSED_IN_TIME and not self.missing:
                self._endorse(card, self._day_in_window(card), anchor)
                continue
            back = self._suspend(card)
            if back >= end or ("late" not in self.missing and self.rng.random() >= ENDORSED_LATE):
                self.missing.discard("suspended")
                break
            anchor = self._endorse_late(card, back, spell)
            self.missing.discard("late")
        if card.status == PermitStatus.ACTIVE:
            self._this_window(card, end, anchor)
        self._moves(card, spell)
        if spell[-1].left is not None:
            self._left(card, spell[-1], came_back=came_back)
        elif self.rng.random() < REPLACED and card.delivered and card.delivered + timedelta(days=60) < self.today:
            self._replace(card, file, spell[-1])

    def _day_in_window(self, card: Card) -> date:
        days = (card.endorse_by - card.endorse_from).days
        return card.endorse_from + timedelta(days=self.rng.randrange(days))

    def _this_window(self, card: Card, end: date, anchor: date) -> None:
        """The window is open today: some have come already, some were only told."""
        if card.endorse_from > end or card.endorse_by <= end:
            return
        day = self._day_in_window(card)
        if day <= end and self.rng.random() < ENDORSED_IN_TIME:
            self._endorse(card, day, anchor)
        elif self.rng.random() < REMINDED:
            card.reminded = max(card.endorse_from, end - timedelta(days=self.rng.randint(0, 10)))

    def _endorse(self, card: Card, day: date, anchor: date) -> None:
        self._stamp(card, day, late=False, next_due=anniversary_after(anchor, card.endorse_by, COUNTY_CODE))
        self._step(card, PermitStepKind.ENDORSED, day)

    def _suspend(self, card: Card) -> date:
        """Returns the day on which the holder comes, should the holder come."""
        law = Permit(endorse_by=card.endorse_by, area_code=COUNTY_CODE)
        card.status, card.suspended = PermitStatus.SUSPENDED.value, suspension_day(law)
        self._step(card, PermitStepKind.SUSPENDED, card.suspended, actor=None)
        return card.suspended + timedelta(days=self.rng.randint(3, 110))

    def _endorse_late(self, card: Card, day: date, spell: list[Stay]) -> date:
        """The residence years start anew; the days in between do not count for the stay either."""
        lost = (day - (card.suspended or day)).days
        for stay in spell:
            if stay.left is None:
                stay.suspended_days += lost
        card.status, card.suspended, card.counted_from = PermitStatus.ACTIVE.value, None, day
        self._stamp(card, day, late=True, next_due=anniversary_after(day, day, COUNTY_CODE))
        self._step(card, PermitStepKind.LATE_ENDORSED, day)
        self._step(card, PermitStepKind.RESUMED, day)
        return day

    def _stamp(self, card: Card, day: date, *, late: bool, next_due: date) -> None:
        officer = self.staff.officer(card.stay.place.area_code)
        self.drawer.stamps.append(Stamp(card, day, late, card.endorse_by, next_due, officer))
        card.endorse_by, card.endorse_from = next_due, window_opens(next_due, COUNTY_CODE)
        card.touched = max(card.touched, day)

    def _moves(self, card: Card, spell: list[Stay]) -> None:
        for stay in spell:
            if stay.registered > card.issued:
                card.stay = stay
                self._step(card, PermitStepKind.ADDRESS, stay.registered)

    def _left(self, card: Card, stay: Stay, *, came_back: bool) -> None:
        """Whoever comes back starts anew: the old permit must have ended. Else some wait for the police to decide."""
        if not came_back and self.rng.random() >= ENDED_WHEN_GONE:
            card.end_proposed = LEFT
            if card.status == PermitStatus.ACTIVE and card.endorse_by <= self.today:
                self._suspend(card)
            return
        day = min(self.today, (stay.closed or self.today) + timedelta(days=self.rng.randint(0, 20)))
        card.status, card.terminated, card.reason = PermitStatus.TERMINATED.value, day, REASON_LEFT
        self._step(card, PermitStepKind.TERMINATED, day, actor=self.staff.police[0], reason=REASON_LEFT)

    def _replace(self, card: Card, file: File, stay: Stay) -> None:
        assert card.delivered is not None  # noqa: S101 - for the type checker
        lost = self.rng.random() < 0.7
        submitted = card.delivered + timedelta(days=self.rng.randint(20, (self.today - card.delivered).days - 30))
        signed = submitted + timedelta(days=self.rng.randint(1, 6))
        done = signed + timedelta(days=self.rng.randint(1, 8))
        papers = [ProofKind.ID_CARD, ProofKind.PHOTO, *([] if lost else [ProofKind.OLD_CARD])]
        kind = ApplicationKind.LOST if lost else ApplicationKind.DAMAGED
        self.drawer.files.append(
            File(
                person=card.person,
                stay=file.stay if file.stay.registered <= submitted else stay,
                ground=card.ground,
                submitted=submitted,
                registrar=self.staff.officer(stay.place.area_code),
                kind=kind.value,
                status=ApplicationStatus.DELIVERED.value,
                half_year=file.half_year,
                grounds=file.grounds,
                applicant=file.applicant,
                relation=file.relation,
                papers=[(paper.value, True, submitted) for paper in papers],
                accepted=submitted,
                reviewer=self.staff.police[0],
                reviewed=signed,
                signer=self.staff.police[-1],
                signed=signed,
                closed=done,
                fee=FEE if lost else 0,
                card=card,
            )
        )
        card.serial, card.delivered = 2, done
        self._step(card, PermitStepKind.REPLACED, signed, actor=self.staff.police[-1], reason=REASON_REPLACED[lost])
        self._step(card, PermitStepKind.DELIVERED, done)

    def _step(self, card: Card, kind: PermitStepKind, day: date, *, actor: int | None = 0, reason: str = "") -> None:
        """The station's officer by default; None for what the system does by itself."""
        who = self.staff.officer(card.stay.place.area_code) if actor == 0 else actor
        self.drawer.steps.append(Step(card, kind.value, day, who, reason))
        card.touched = max(card.touched, day)
