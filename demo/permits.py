"""The permit desk of the demo county: who applies, how far each file has come, and that every state occurs."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from demo.draws import Lot
from demo.files import Card, Drawer, File, Step
from demo.names import FEMALE
from demo.people import ADULT
from demo.permit_life import PermitLife
from demo.places import FAR
from demo.records import Stay
from demo.staff import COUNTY_CODE, Staff
from portal.policy.services import due_on
from portal.policy.working_days import next_workday
from residents.choices import ApplicationStatus, Ground, PermitStatus, PermitStepKind, ProofKind
from residents.models import Registration
from residents.services.permits.cards import anniversary_after, window_opens
from residents.services.permits.eligibility import CITIZEN_DOCUMENTS, half_year_on, supported_grounds
from residents.services.permits.materials import needed

APPLIES = 0.58
APPLIED_BEFORE_LEAVING = 0.35
DAYS_AFTER_HALF_YEAR = Lot([((0, 20), 35), ((21, 90), 40), ((91, 400), 25)])
RETURNED_FIRST, LATE_SIGNATURE = 0.12, 0.03
NOT_GRANTED = ("提交的就业证明与登记信息不符", "租赁合同已到期且未续签", "经核实已不在登记地址居住", "学籍证明未能提供")
WITHDRAWN = ("本人撤回", "计划离开本县", "改由用人单位集体申领")
Plan = Callable[[File], bool]


class Desk:
    """Files of one person after another. The first who can are given one of each kind of file, the rest by lot."""

    def __init__(self, rng: Random, staff: Staff, today: date) -> None:
        self.rng = rng
        self.staff = staff
        self.today = today
        self.drawer = Drawer()
        self.life = PermitLife(rng, staff, today, self.drawer)
        self._open: dict[str, Plan] = {
            "accepted": lambda file: self._accepted(file, 0, 4),
            "due today": lambda file: self._due(file, 0),
            "due soon": lambda file: self._due(file, self.rng.randint(1, 4)),
            "overdue": lambda file: self._accepted(file, 19, 34),
            "reviewed": lambda file: self._accepted(file, 3, 9) and self._reviewed(file),
            "reviewed overdue": lambda file: self._accepted(file, 20, 30) and self._reviewed(file),
            "returned at once": self._returned,
            "returned by reviewer": self._paused,
            "issued": self._issued,
            "own file of a reviewer": self._by_reviewer,
            "rejected": self._rejected,
            "withdrawn": self._withdrawn,
        }
        self._missing = list(self._open)
        self._seen_open_window = False
        self._share = Lot([("", 93.2), ("rejected", 2.2), ("withdrawn", 1.6)] + [(name, 0.3) for name in self._open])

    def person(self, stays: list[Stay]) -> None:
        """Stays of one person, oldest first; undone ones must not be among them."""
        someone = stays[0].person
        if someone.document_kind not in CITIZEN_DOCUMENTS:
            return
        spells = spells_of(stays)
        for spell in spells:
            end = spell[-1].left or FAR
            full = half_year(spell[0].counts_from)
            share = APPLIES if end == FAR else APPLIED_BEFORE_LEAVING
            if full >= min(end, self.today) or self.rng.random() >= share:
                continue
            if end == FAR and self._unfinished(spell, full):
                return
            submitted = next_workday(self._day_of_application(full, end))
            if submitted < min(end, self.today):
                self._ordinary(spell, submitted, full, came_back=spell is not spells[-1])

    def _day_of_application(self, full: date, end: date) -> date:
        """Until one permit has its window open today, whoever can is made to apply a year ago."""
        year_ago = self.today - timedelta(days=self.rng.randint(348, 360))
        if end == FAR and year_ago > full and not self._window_open():
            return year_ago
        low, high = DAYS_AFTER_HALF_YEAR.draw(self.rng)
        return full + timedelta(days=self.rng.randint(low, high))

    def _window_open(self) -> bool:
        if not self._seen_open_window:
            self._seen_open_window = any(
                card.status == PermitStatus.ACTIVE and card.endorse_from <= self.today < card.endorse_by
                for card in self.drawer.cards
            )
        return self._seen_open_window

    def taken(self) -> Drawer:
        drawer, self.drawer = self.drawer, Drawer()
        self.life.drawer = self.drawer
        return drawer

    def _unfinished(self, spell: list[Stay], full: date) -> bool:
        """A file that is open today, or came to nothing."""
        wanted = list(self._missing) or [self._share.draw(self.rng)]
        for name in wanted:
            if not name:
                return False
            file = self._file(spell, max(full, self.today - timedelta(days=40)), full)
            if file and self._open[name](file) and file.submitted >= max(full, file.stay.registered):
                if name in self._missing:
                    self._missing.remove(name)
                if file.signed:
                    self._sign(file, spell, file.signed)
                self._keep(file)
                return True
        return False

    def _ordinary(self, spell: list[Stay], submitted: date, full: date, *, came_back: bool) -> None:
        file = self._file(spell, submitted, full)
        if file is None:
            return
        file.accepted = submitted
        if self.rng.random() < RETURNED_FIRST:
            file.notice, file.accepted = submitted, next_workday(submitted + timedelta(days=self.rng.randint(2, 12)))
            file.missing = [file.papers[-1][0]]
        self._let_it_run(file, spell, came_back=came_back)
        self._keep(file)

    def _let_it_run(self, file: File, spell: list[Stay], *, came_back: bool) -> None:
        """Forward in time as far as today allows."""
        rng, end = self.rng, spell[-1].left or FAR
        assert file.accepted is not None  # noqa: S101 - for the type checker
        late = rng.random() < LATE_SIGNATURE
        reviewed = next_workday(file.accepted + timedelta(days=rng.randint(18, 24) if late else rng.randint(1, 7)))
        signed = next_workday(reviewed + timedelta(days=rng.randint(0, 5)))
        delivered = next_workday(signed + timedelta(days=rng.randint(1, 12)))
        if file.accepted > self.today:
            file.status, file.accepted = ApplicationStatus.RETURNED.value, None
            return
        if reviewed > self.today or signed >= end:
            if signed >= end:
                self._gave_up(file, end)
            return
        self._reviewed_on(file, reviewed)
        if signed > self.today:
            return
        card = self._sign(file, spell, signed)
        if delivered <= self.today and delivered < end:
            self._deliver(file, card, delivered)
        self.life.run(card, spell, file, came_back=came_back)

    def _gave_up(self, file: File, end: date) -> None:
        """The applicant left before the signature."""
        file.status, file.closed, file.reason = (
            ApplicationStatus.WITHDRAWN.value,
            min(end, self.today),
            "申请人离开本县",
        )
        file.closed = max(file.closed, file.accepted or file.submitted)

    def _file(self, spell: list[Stay], submitted: date, full: date) -> File | None:
        stay = next((one for one in reversed(spell) if one.registered <= submitted), None)
        if stay is None:
            return None
        grounds = supported(stay)
        ground = self.rng.choice(grounds) if grounds else Ground.DWELLING.value
        area = stay.place.area_code
        window = self.rng.random() < 0.6
        file = File(
            person=stay.person,
            stay=stay,
            ground=ground,
            submitted=submitted,
            registrar=self.staff.officer(area) if window else self.staff.registrar(self.rng, area),
            half_year=full,
            grounds=grounds,
        )
        guardian = stay.person.age(submitted) < ADULT
        if guardian:
            parent = stay.head.person if stay.head else None
            file.applicant = parent.name if parent else "监护人"
            file.relation = "52" if parent and parent.sex == FEMALE else "51"
        self._hand_in(file, by_agent=guardian)
        return file

    def _hand_in(self, file: File, *, by_agent: bool) -> None:
        groups = needed(kind=file.kind, ground=file.ground, by_agent=by_agent)
        file.papers = [(self.rng.choice(group).value, len(group) == 1, file.submitted) for group in groups]

    def _accepted(self, file: File, newest: int, oldest: int) -> bool:
        file.submitted = file.accepted = self._desk_day(self.today - timedelta(days=self.rng.randint(newest, oldest)))
        self._date_papers(file)
        return True

    def _due(self, file: File, days_left: int) -> bool:
        """Accepted on a day whose deadline lies nearest to so many days ahead."""
        wanted = self.today + timedelta(days=days_left)
        days = [self._desk_day(self.today - timedelta(days=back)) for back in range(9, 24)]
        file.submitted = file.accepted = min(days, key=lambda day: (abs(issue_due(day) - wanted), day))
        self._date_papers(file)
        return True

    def _desk_day(self, day: date) -> date:
        """The next working day, or the last one when that would lie ahead."""
        opens = next_workday(day)
        while opens > self.today:
            day -= timedelta(days=1)
            opens = next_workday(day)
        return opens

    def _date_papers(self, file: File) -> None:
        file.papers = [(kind, required, file.submitted) for kind, required, _day in file.papers]

    def _reviewed(self, file: File) -> bool:
        assert file.accepted is not None  # noqa: S101 - for the type checker
        self._reviewed_on(file, self._desk_day(file.accepted + timedelta(days=self.rng.randint(1, 3))))
        return True

    def _reviewed_on(self, file: File, day: date) -> None:
        others = [officer for officer in self.staff.police if officer != file.registrar]
        file.reviewer, file.reviewed = others[0], day
        file.status = ApplicationStatus.REVIEWED.value

    def _returned(self, file: File) -> bool:
        file.submitted = file.notice = self._desk_day(self.today - timedelta(days=self.rng.randint(1, 12)))
        file.status = ApplicationStatus.RETURNED.value
        self._lacks(file)
        return True

    def _paused(self, file: File) -> bool:
        self._accepted(file, 6, 14)
        file.notice = file.paused = self._desk_day(self.today - timedelta(days=self.rng.randint(1, 4)))
        file.status = ApplicationStatus.RETURNED.value
        file.reviewer, file.reviewed = self.staff.police[0], file.paused
        self._lacks(file)
        return True

    def _lacks(self, file: File) -> None:
        """The last paper of the list (the proof of the ground) and sometimes the photograph."""
        lacking = {file.papers[-1][0]} | ({ProofKind.PHOTO.value} if self.rng.random() < 0.3 else set())
        file.missing = sorted(lacking)
        file.papers = [
            (kind, required, None if kind in lacking else file.submitted) for kind, required, _day in file.papers
        ]

    def _issued(self, file: File) -> bool:
        """Signed on the way out; `_unfinished` makes the card once it is sure that the dates hold."""
        self._accepted(file, 9, 14)
        assert file.accepted is not None  # noqa: S101 - for the type checker
        self._reviewed_on(file, self._desk_day(file.accepted + timedelta(days=3)))
        file.signed = self._desk_day(file.accepted + timedelta(days=self.rng.randint(4, 8)))
        return True

    def _by_reviewer(self, file: File) -> bool:
        file.registrar = self.staff.police[0]
        return self._accepted(file, 1, 8)

    def _rejected(self, file: File) -> bool:
        self._accepted(file, 12, 38)
        assert file.accepted is not None  # noqa: S101 - for the type checker
        self._reviewed_on(file, self._desk_day(file.accepted + timedelta(days=self.rng.randint(2, 9))))
        file.status, file.closed = ApplicationStatus.REJECTED.value, file.reviewed
        file.reason = self.rng.choice(NOT_GRANTED)
        return True

    def _withdrawn(self, file: File) -> bool:
        self._accepted(file, 10, 38)
        assert file.accepted is not None  # noqa: S101 - for the type checker
        file.status, file.closed = ApplicationStatus.WITHDRAWN.value, self._desk_day(file.accepted + timedelta(days=3))
        file.reason = self.rng.choice(WITHDRAWN)
        return True

    def _sign(self, file: File, spell: list[Stay], day: date) -> Card:
        others = [officer for officer in self.staff.police if officer != file.registrar]
        file.signer, file.signed, file.status = others[-1], day, ApplicationStatus.ISSUED.value
        due = anniversary_after(day, day, COUNTY_CODE)
        card = Card(
            person=file.person,
            stay=file.stay,
            ground=file.ground,
            issued=day,
            counted_from=spell[0].counts_from,
            endorse_by=due,
            endorse_from=window_opens(due, COUNTY_CODE),
            touched=day,
        )
        file.card = card
        self.drawer.cards.append(card)
        self.drawer.steps.append(Step(card, PermitStepKind.ISSUED.value, day, file.signer))
        return card

    def _deliver(self, file: File, card: Card, day: date) -> None:
        file.status, file.closed, card.delivered = ApplicationStatus.DELIVERED.value, day, day
        card.touched = day
        officer = self.staff.officer(file.stay.place.area_code)
        self.drawer.steps.append(Step(card, PermitStepKind.DELIVERED.value, day, officer))

    def _keep(self, file: File) -> None:
        self.drawer.files.append(file)


def spells_of(stays: list[Stay]) -> list[list[Stay]]:
    """Stays that follow one another without a gap count as one residence."""
    spells: list[list[Stay]] = []
    for stay in stays:
        if stay.begins == "move" and spells:
            spells[-1].append(stay)
        else:
            spells.append([stay])
    return spells


@lru_cache(maxsize=8_192)
def half_year(counts_from: date) -> date:
    return half_year_on(Registration(counts_from=counts_from, area_code=COUNTY_CODE))


@lru_cache(maxsize=8_192)
def issue_due(accepted: date) -> date:
    return due_on(accepted, "permit.issue_days", area_code=COUNTY_CODE)


def supported(stay: Stay) -> tuple[str, ...]:
    return grounds_of(stay.reason, stay.place.lodging, works=bool(stay.workplace))


@lru_cache
def grounds_of(reason: str, lodging: str, *, works: bool) -> tuple[str, ...]:
    return supported_grounds(Registration(reason=reason, lodging=lodging, workplace="x" if works else ""))
