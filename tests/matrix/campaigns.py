"""Campaigns for rented homes."""

from typing import Any

from rentals.models import RentalCampaign
from tests.factories.campaigns import CampaignFactory
from tests.matrix import Endpoint, Grant

LOOK, CONDUCT = Grant(RentalCampaign, "view"), Grant(RentalCampaign, "conduct")


def planned(area_code: str) -> RentalCampaign:
    return CampaignFactory.create(area_code=area_code, ends_on="2099-12-15")


def running(area_code: str) -> RentalCampaign:
    return CampaignFactory.create(area_code=area_code, status="running")


def step(name: str, row: Any) -> Endpoint:
    return Endpoint(
        "rentals:campaign_step",
        CONDUCT,
        row=row,
        args=lambda one: [one.pk, name],
        by_row=True,
        method="post",
        data=lambda one: {"version": one.version},
        ok=(302,),
        variant=name,
    )


ENDPOINTS = [
    Endpoint(
        "rentals:campaign_list", LOOK, row=planned, args=lambda _row: [], secret=lambda row: row.get_absolute_url()
    ),
    Endpoint("rentals:campaign_new", CONDUCT, form=True),
    Endpoint("rentals:campaign_detail", LOOK, row=running, by_row=True),
    step("start", planned),
    step("end", running),
]
