"""Letters of responsibility for rental safety: they follow the rental registration they belong to."""

from rentals.models import RentalRegistration
from tests.factories.letters import LetterFactory
from tests.matrix import Endpoint, Grant
from tests.matrix.rentals import registered

VIEW, ADD, REVIEW = (Grant(RentalRegistration, action) for action in ("view", "add", "review"))


def to_sign(area_code: str) -> RentalRegistration:
    rental = registered(area_code)
    LetterFactory.create(rental=rental)
    return rental


ENDPOINTS = [
    Endpoint(
        "rentals:letter_list",
        VIEW,
        row=to_sign,
        args=lambda _row: [],
        query=lambda _row: {"t": "sign"},
        secret=lambda row: row.number,
    ),
    Endpoint("rentals:letter_issue", REVIEW, form=True),
    Endpoint(
        "rentals:letter_sheets",
        VIEW,
        row=to_sign,
        args=lambda _row: [],
        secret=lambda row: row.number,
    ),
    Endpoint("rentals:letter_detail", VIEW, row=to_sign, by_row=True),
    Endpoint("rentals:letter_sheet", VIEW, row=to_sign, by_row=True),
    Endpoint(
        "rentals:letter_step",
        REVIEW,
        row=registered,
        args=lambda row: [row.pk, "issue"],
        by_row=True,
        method="post",
        data=lambda row: {"version": row.version},
        ok=(302,),
        variant="issue",
    ),
    Endpoint(
        "rentals:letter_step",
        ADD,
        row=to_sign,
        args=lambda row: [row.pk, "sign"],
        by_row=True,
        method="post",
        data=lambda row: {
            "version": 1,
            "manner": "screen",
            "signer_name": row.landlord_name,
            "signed_on": "2026-11-20",
        },
        ok=(302,),
        variant="sign",
    ),
]
