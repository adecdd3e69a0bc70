"""Rows of the permit desk. Numbers are given at the end, in the order of the days, as the office would have done."""

from datetime import date, datetime, timedelta
from random import Random

from django.db import connection

from demo.files import Card, Drawer, File
from demo.load import Keys, Table
from demo.permits import issue_due
from demo.records import office_hour
from residents.models import Endorsement, Permit, PermitApplication, PermitMaterial, PermitStep
from residents.services.permits.deadlines import start_clock

A_MOMENT = timedelta(minutes=7)
STAMPS = ("created_at", "updated_at")
NUMBER = """
    UPDATE {table} t SET number = left(t.area_code, 6) || %s || n.year || lpad(n.running::text, 6, '0')
    FROM (SELECT id, to_char({day}, 'YYYY') AS year,
                 row_number() OVER (PARTITION BY left(area_code, 6), to_char({day}, 'YYYY')
                                    ORDER BY {day}, id) AS running
          FROM {table}) n
    WHERE n.id = t.id
"""


class PermitWriter:
    def __init__(self, rng: Random, now: datetime) -> None:
        self.rng = rng
        self.now = now
        self.cards = Table(
            Permit, "id", "area_code", "number", "person_id", "dwelling_id", "ground", "status", "issued_on",
            "counted_from", "endorse_from", "endorse_by", "suspended_on", "terminated_on", "termination_reason",
            "end_proposed", "card_serial", "delivered_on", "reminded_on", *STAMPS,
        )  # fmt: skip
        self.files = Table(
            PermitApplication, "id", "area_code", "number", "kind", "person_id", "registration_id", "permit_id",
            "ground", "status", "applicant", "applicant_relation", "submitted_on", "notice_issued_on", "notice_items",
            "accepted_at", "due_on", "due_rule", "eligibility", "checks_passed", "registrar_id", "reviewer_id",
            "reviewed_at", "signer_id", "signed_at", "closed_at", "decision_reason", "fee", *STAMPS,
        )  # fmt: skip
        self.papers = Table(PermitMaterial, "application_id", "kind", "required", "received_on", *STAMPS)
        self.steps = Table(PermitStep, "area_code", "permit_id", "kind", "happened_on", "reason", "actor_id", *STAMPS)
        self.stamps = Table(
            Endorsement, "permit_id", "endorsed_on", "late", "previous_due", "next_due", "ground", "actor_id", *STAMPS
        )
        self.tables = [self.cards, self.files, self.papers, self.steps, self.stamps]
        self._card_keys, self._file_keys = Keys(Permit), Keys(PermitApplication)
        self._clocks: dict[tuple[str, date], dict] = {}

    def write(self, drawer: Drawer) -> None:
        for card in drawer.cards:
            self._card(card)
        for file in drawer.files:
            self._file(file)
        for step in drawer.steps:
            moment = self._moment(step.day)
            area = step.card.stay.place.area_code
            self.steps.add(area, step.card.pk, step.kind, step.day, step.reason, step.actor, moment, moment)
        for stamp in drawer.stamps:
            moment = self._moment(stamp.day)
            card = stamp.card
            self.stamps.add(
                card.pk, stamp.day, stamp.late, stamp.previous_due, stamp.next_due, card.ground, stamp.actor, moment,
                moment,
            )  # fmt: skip
        for table in self.tables:
            table.flush()

    def _card(self, card: Card) -> None:
        card.pk = self._card_keys.next()
        self.cards.add(
            card.pk,
            card.stay.place.area_code,
            f"T{card.pk}",
            card.person.pk,
            card.stay.place.pk,
            card.ground,
            card.status,
            card.issued,
            card.counted_from,
            card.endorse_from,
            card.endorse_by,
            card.suspended,
            card.terminated,
            card.reason,
            card.end_proposed,
            card.serial,
            card.delivered,
            card.reminded,
            self._moment(card.issued),
            self._moment(card.touched),
        )

    def _file(self, file: File) -> None:
        file.pk = self._file_keys.next()
        created = self._moment(file.submitted)
        accepted = self._after(file.accepted, created)
        reviewed = self._after(file.reviewed, accepted)
        signed = self._after(file.signed, reviewed)
        closed = self._after(file.closed, signed or reviewed or accepted)
        last = closed or signed or reviewed or accepted or created
        self.files.add(
            file.pk,
            file.stay.place.area_code,
            f"T{file.pk}",
            file.kind,
            file.person.pk,
            file.stay.pk,
            file.card.pk if file.card else None,
            file.ground,
            file.status,
            file.applicant,
            file.relation,
            file.submitted,
            file.notice,
            file.missing,
            accepted,
            issue_due(file.accepted) if file.accepted else None,
            self._clock(file),
            checks(file),
            bool(file.grounds),
            file.registrar,
            file.reviewer,
            reviewed,
            file.signer,
            signed,
            closed,
            file.reason,
            file.fee,
            created,
            last,
        )
        for kind, required, received in file.papers:
            self.papers.add(file.pk, kind, required, received, created, created)

    def _clock(self, file: File) -> dict:
        """The rule and its source, written down as the window does it."""
        if file.accepted is None:
            return {}
        key = (file.kind, file.accepted)
        if key not in self._clocks:
            model = PermitApplication(kind=file.kind, area_code=file.stay.place.area_code)
            start_clock(model, office_hour(Random(0), file.accepted, self.now))
            self._clocks[key] = model.due_rule
        paused = {"paused_on": file.paused.isoformat()} if file.paused else {}
        return self._clocks[key] | paused

    def _moment(self, day: date) -> datetime:
        return office_hour(self.rng, day, self.now)

    def _after(self, day: date | None, before: datetime | None) -> datetime | None:
        """A moment of `day`, later than the step before it and never in the future."""
        if day is None:
            return None
        moment = self._moment(day)
        return min(max(moment, before + A_MOMENT) if before else moment, self.now)


def checks(file: File) -> dict:
    """The eligibility as it was shown at the window."""
    half_year = file.half_year.isoformat() if file.half_year else ""
    lines = [
        ("document", "持有居民身份号码的中国公民", file.person.name),
        ("origin", "户籍不在本县", file.person.native_code),
        ("residence", "已办理居住登记", file.stay.place.address),
        ("half_year", "居住登记满半年", f"{half_year} 满半年"),
        ("ground", "合法稳定就业、合法稳定住所或连续就读", file.stay.workplace),
    ]
    shown = [
        {"code": code, "passed": True, "label": label, "detail": detail, "blocking": code != "ground"}
        for code, label, detail in lines
    ]
    shown[-1]["passed"] = bool(file.grounds)
    return {"half_year_on": half_year, "grounds": list(file.grounds), "checks": shown, "reduced_mobility": False}


def number_in_order() -> None:
    """File and permit numbers of each year run with the days (residents.services.permits.numbers goes on from them)."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBER.format(table="residents_permitapplication", day="submitted_on"), ["S"])
        cursor.execute(NUMBER.format(table="residents_permit", day="issued_on"), [""])
