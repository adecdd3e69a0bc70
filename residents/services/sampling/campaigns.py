"""Field tests of the register: drawing the sample, giving it out, entering what was found."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.choices import AreaLevel
from portal.org.codes import COMMUNITY
from portal.org.models import Area, User
from portal.org.scoping import require
from portal.policy.services import rule
from residents.choices import SampleOutcome, SamplingMethod
from residents.models import Dwelling, Registration, SampleItem, SamplingCampaign, SamplingFrame
from residents.services.sampling.draw import digest, draw
from residents.services.versions import require_version

REQUIRED_ITEMS = ("name", "document", "phone", "dwelling", "arrived_on", "reason", "workplace")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found. At a door (`SamplingMethod.DOORS`) the counts and how it is let; for a record `is_there`, or
    how it is that the person has left, and the required items that were wrong."""

    people_found: int = 0
    people_registered: int = 0
    people_here: int = 0
    left_found: int = 0
    left_closed: int = 0
    is_rented: bool = False
    undertaking_signed: bool = False
    is_there: bool = False
    has_left: bool = False
    wrong_items: tuple[str, ...] = field(default=())


@transaction.atomic
def conduct(
    *, name: str, method: str, area_code: str, starts_on: date, ends_on: date, seed: str = "", actor: User
) -> SamplingCampaign:
    """Draw a sample in every community of the area; its size follows from how many people live there (policy).

    Without a `seed` one is made by the system's randomness, so that nobody can choose a convenient sample; the seed
    is told only once the draw is stored.
    """
    require(actor, SamplingCampaign, "conduct", at=area_code)
    if ends_on < starts_on:
        raise DomainError(_("The last day lies before the first."), field="ends_on")
    if method not in SamplingMethod.values:
        raise DomainError(_("Please choose one of the offered entries."), field="method")
    campaign = SamplingCampaign.objects.create(
        area_code=area_code,
        name=name.strip()[:60],
        method=method,
        seed=seed or secrets.token_hex(16),
        starts_on=starts_on,
        ends_on=ends_on,
        conducted_by=actor,
    )
    frames = [frame for code in _communities(area_code) if (frame := _frame(campaign, code)).keys]
    if not frames:
        raise DomainError(_("There is nothing to draw from in this area."), field="area_code")
    SamplingFrame.objects.bulk_create(frames)
    items = _items(campaign, frames)
    SampleItem.objects.bulk_create(items)
    audit.record(actor=actor, action="sampling.drawn", target=campaign, items=len(items), frames=len(frames))
    return campaign


def is_reproducible(campaign: SamplingCampaign) -> bool:
    """Does the draw from the stored frames with the stored seed give what is stored, and are the frames untouched?"""
    column = "dwelling" if campaign.method == SamplingMethod.DOORS else "registration"
    drawn: dict[str, list[int]] = {}
    for code, key in campaign.items.order_by("position").values_list("area_code", column):
        drawn.setdefault(code, []).append(key)
    return all(
        frame.digest == digest(frame.keys)
        and drawn.get(frame.area_code) == draw(frame.keys, seed=campaign.seed, wanted=frame.wanted)
        for frame in campaign.frames.all()
    )


@transaction.atomic
def assign_sample(*, campaign_id: int, area_code: str, assignee_id: int, actor: User) -> int:
    """Give all open items of a community to one person; returns how many."""
    campaign = SamplingCampaign.objects.restrict(actor, "conduct").get(pk=campaign_id)
    rows = SampleItem.objects.filter(campaign=campaign, area_code=area_code, outcome=SampleOutcome.OPEN)
    count = rows.update(assignee_id=assignee_id, updated_at=clock.now())
    audit.record(actor=actor, action="sampling.assigned", target=campaign, area=area_code, items=count)
    return count


@transaction.atomic
def enter(*, item_id: int, outcome: str, found: Finding, version: int, actor: User) -> SampleItem:
    """Enter what was found; entering again replaces it until the campaign ends. The history keeps both."""
    rows = SampleItem.objects.restrict(actor, "check").select_for_update(of=("self",))
    item: SampleItem = rows.select_related("campaign", "registration").get(pk=item_id)
    require_version(item, version)
    if clock.today() > item.campaign.ends_on:
        message = _("The field test ended on %(day)s.") % {"day": item.campaign.ends_on.isoformat()}
        raise DomainError(message, code="ended")
    if outcome not in {SampleOutcome.CHECKED, SampleOutcome.UNREACHED}:
        raise DomainError(_("Please choose one of the offered entries."), field="outcome")
    item.outcome, item.checked_by, item.checked_on = outcome, actor, clock.today()
    fill = _fill_door if item.campaign.method == SamplingMethod.DOORS else _fill_record
    fill(item, found if outcome == SampleOutcome.CHECKED else Finding())
    item.save()
    audit.record(actor=actor, action="sampling.entered", target=item, outcome=outcome)
    return item


def _fill_door(item: SampleItem, found: Finding) -> None:
    _within(found.people_registered, found.people_found, "people_registered")
    _within(found.people_here, found.people_registered, "people_here")
    _within(found.left_closed, found.left_found, "left_closed")
    for name in ("people_found", "people_registered", "people_here", "left_found", "left_closed", "is_rented"):
        setattr(item, name, getattr(found, name))
    registered = Dwelling.objects.filter(pk=item.dwelling_id, rental_registered=True).exists()
    item.rental_registered = item.outcome == SampleOutcome.CHECKED and registered
    item.undertaking_signed = item.rental_registered and found.undertaking_signed


def _fill_record(item: SampleItem, found: Finding) -> None:
    """One record is one person who is registered; somebody who left may have been deregistered since the draw."""
    unknown = set(found.wrong_items) - set(REQUIRED_ITEMS)
    if unknown:
        raise DomainError(_("Please choose one of the offered entries."), field="wrong_items")
    if found.is_there and found.has_left:
        raise DomainError(_("Somebody who has left is not still there. Please choose one."), field="has_left")
    checked = item.outcome == SampleOutcome.CHECKED
    item.people_found = item.people_registered = int(checked)
    item.people_here = int(found.is_there)
    item.left_found = int(found.has_left)
    closed = item.registration is not None and item.registration.left_on is not None
    item.left_closed = int(found.has_left and closed)
    item.wrong_items = list(found.wrong_items)


def _within(part: int, whole: int, field_name: str) -> None:
    if not 0 <= part <= whole:
        raise DomainError(_("A part cannot be larger than the whole."), field=field_name)


def _communities(area_code: str) -> Iterable[str]:
    if len(area_code) >= COMMUNITY:
        return [area_code]
    areas = Area.objects.filter(code__startswith=area_code, level=AreaLevel.COMMUNITY, valid_to=None)
    return list(areas.order_by("code").values_list("code", flat=True))


def _frame(campaign: SamplingCampaign, area_code: str) -> SamplingFrame:
    people = Registration.objects.active().filter(area_code__startswith=area_code)
    rows: QuerySet = people
    if campaign.method == SamplingMethod.DOORS:
        rows = Dwelling.objects.filter(area_code__startswith=area_code)
    keys = sorted(rows.order_by("pk").values_list("pk", flat=True))
    wanted = sample_size(campaign.method, people.count(), area_code)
    return SamplingFrame(campaign=campaign, area_code=area_code, keys=keys, digest=digest(keys), wanted=wanted)


def sample_size(method: str, people: int, area_code: str = "") -> int:
    """By the class of the community: A, B or C by how many registered people live there."""
    larger = [name for name in "ab" if people >= int(rule(f"sampling.class_{name}_from", area_code=area_code).value)]
    group = larger[0] if larger else "c"
    return int(rule(f"sampling.{method}_{group}", area_code=area_code).value)


def _items(campaign: SamplingCampaign, frames: list[SamplingFrame]) -> list[SampleItem]:
    drawn = [(frame, key) for frame in frames for key in draw(frame.keys, seed=campaign.seed, wanted=frame.wanted)]
    by_door = campaign.method == SamplingMethod.DOORS
    homes: dict[int, int] = {}
    if not by_door:
        homes = dict(Registration.objects.filter(pk__in=[key for _f, key in drawn]).values_list("pk", "dwelling"))
    return [
        SampleItem(
            campaign=campaign,
            area_code=frame.area_code,
            position=position,
            dwelling_id=key if by_door else homes[key],
            registration_id=None if by_door else key,
        )
        for position, (frame, key) in enumerate(drawn, start=1)
    ]


def open_items(campaign: SamplingCampaign) -> dict[str, int]:
    rows = campaign.items.filter(outcome=SampleOutcome.OPEN).order_by("area_code")
    return dict(rows.values_list("area_code").annotate(left=Count("pk")))
