"""Inspections of the demo county: houses graded, a plan for the coming days, and hazards in each state."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

from django.conf import settings

from demo.pictures import extinguisher
from demo.rentals import CLERK
from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from portal.org.services import system_user
from rentals.choices import (
    Disposal,
    HazardClass,
    HazardLevel,
    HazardStatus,
    HazardStepKind,
    InspectionStatus,
    Recipient,
)
from rentals.models import Hazard, HazardStep, HouseGrade, Inspection, RentalRegistration
from rentals.services.inspections import appeals, hazards, planning, referrals, rounds
from rentals.services.inspections.grading import houses_let, regrade
from rentals.services.numbers import HAZARD, INSPECTION, LETTER
from residents.models import NumberSeries

OFFICER, COMPANION = "housing", "police"
PAST_SHARE = 0.4
OLDEST_DAYS, YOUNGEST_DAYS = 200, 5
MOST = 120
HAZARD_SHARE, SERIOUS_SHARE = 0.5, 0.25
SEEN = {
    "01": "楼道堆放纸箱、旧家具，疏散通道受阻",
    "03": "次卧防盗窗未设可开启的逃生口",
    "04": "每层未配灭火器",
    "05": "卧室未装独立感烟报警器",
    "07": "厨房电线裸露，插线板串接",
    "08": "客厅内停放电动自行车并充电",
    "10": "客厅用木板隔成两间",
    "14": "阳台顶板有裂缝，钢筋外露",
    "15": "燃气软管老化，未装报警器",
}
STATES = ("open", "late", "recheck", "referred", "taken", "answered", "closed", "closed", "open", "closed")


def fill_inspections(*, seed: int) -> None:
    """Repeatable: nothing is added when there are inspections already. Call it after `fill_rentals`."""
    if Inspection.objects.exists():
        return
    rng = Random(seed)
    clerk, officer, companion = (User.objects.get(username=name) for name in (CLERK, OFFICER, COMPANION))
    with scoped_transaction(companion):
        near = RentalRegistration.objects.registered().filter(area_code__startswith=clerk.area_code).order_by("pk")
        rows = RentalRegistration.objects.registered().filter(area_code__startswith=clerk.area_code[:9])
        elsewhere = rows.exclude(area_code__startswith=clerk.area_code).order_by("pk")
        own = list(near[:MOST])
        found = _past(own[: len(own) // 2 + 1], elsewhere[:MOST], rng, (clerk, companion))
    for number, hazard in enumerate(found):
        _bring_to(hazard, STATES[number % len(STATES)], officer)
    with scoped_transaction(system_user()):
        regrade(houses_let())
        planning.plan_inspections(day=clock.today(), actor=system_user())
    with scoped_transaction(clerk):
        if own:
            planning.open_inspection(dwelling_id=own[-1].dwelling_id, actor=clerk)
        house = HouseGrade.objects.filter(area_code__startswith=clerk.area_code).order_by("-points", "pk").first()
        if house is not None:
            appeals.appeal(house_id=house.pk, asked_by="房东代表", reason="灭火器已全部配齐，请重新评定。", actor=clerk)


def _past(
    own: list[RentalRegistration], elsewhere: Iterable[RentalRegistration], rng: Random, by: tuple[User, User]
) -> list[Hazard]:
    """Finished inspections of the last months: one's own with a hazard each, elsewhere some of some doors."""
    given, hazards_made = 0, list[Hazard]()
    for row in [*own, *(one for one in elsewhere if rng.random() < PAST_SHARE)]:
        given += 1
        day = clock.today() - timedelta(days=rng.randint(YOUNGEST_DAYS, OLDEST_DAYS))
        item = rng.choice(list(SEEN)) if row in own or rng.random() < HAZARD_SHARE else ""
        inspection = Inspection.objects.create(
            dwelling_id=row.dwelling_id,
            area_code=row.area_code,
            number=f"{settings.COUNTY_CODE}{LETTER[INSPECTION]}{clock.today().year}{given:06d}",
            due_on=day,
            inspector=by[0],
            companion=by[1],
            status=InspectionStatus.DONE,
            done_on=day,
            passed=[code for code, _label in rounds.items_at(row.dwelling) if code != item],
        )
        if item:
            hazards_made.append(_hazard(inspection, item, len(hazards_made) + 1, rng, by[0]))
    year, county = clock.today().year, settings.COUNTY_CODE
    for kind, last in ((INSPECTION, given), (HAZARD, len(hazards_made))):
        NumberSeries.objects.create(county_code=county, kind=kind, year=year, last=last)
    return hazards_made


def _hazard(inspection: Inspection, item: str, number: int, rng: Random, clerk: User) -> Hazard:
    term = clock.today() + timedelta(days=rng.randint(2, 14))
    hazard = Hazard.objects.create(
        inspection=inspection,
        dwelling_id=inspection.dwelling_id,
        area_code=inspection.area_code,
        number=f"{settings.COUNTY_CODE}{LETTER[HAZARD]}{clock.today().year}{number:06d}",
        item=item,
        hazard_class=HazardClass.BUILDING if item == "14" else HazardClass.FIRE,
        level=HazardLevel.SERIOUS if rng.random() < SERIOUS_SHARE else HazardLevel.ORDINARY,
        note=SEEN[item],
        disposal=Disposal.DEADLINE,
        status=HazardStatus.OPEN,
        due_on=term,
        mend_by=term,
        found_on=inspection.due_on,
        found_by=clerk,
    )
    HazardStep.objects.create(hazard=hazard, kind=HazardStepKind.FOUND, note=hazard.note, actor=clerk)
    return hazard


def _bring_to(hazard: Hazard, state: str, officer: User) -> None:
    """Through the services, as the desks do it."""
    with scoped_transaction(officer):
        if state == "late":
            hazard.due_on = hazard.mend_by = clock.today() - timedelta(days=4)
            hazard.save(update_fields=["due_on", "mend_by"])
        elif state == "recheck":
            hazards.report_mended(hazard_id=hazard.pk, note="房东来电，已整改", version=1, actor=officer)
        elif state == "closed":
            photo = hazards.Photo(*extinguisher())
            hazards.close(hazard_id=hazard.pk, note="已整改到位", photos=[photo], version=1, actor=officer)
        elif state in {"referred", "taken", "answered"}:
            hazards.refer(
                hazard_id=hazard.pk, recipient=Recipient.HOUSING, request="请依法核查处理", version=1, actor=officer
            )
            _at_the_desk(hazard, state, officer)


def _at_the_desk(hazard: Hazard, state: str, officer: User) -> None:
    order = hazard.referrals.get()
    if state != "referred":
        referrals.take(referral_id=order.pk, version=1, actor=officer)
    if state == "answered":
        referrals.answer(referral_id=order.pk, text="已责令房东整改，请复查。", version=2, actor=officer)
