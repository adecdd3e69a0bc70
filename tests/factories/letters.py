from datetime import date

import factory
from factory.django import DjangoModelFactory

from rentals.models import ResponsibilityLetter
from tests.factories.org import StaffFactory
from tests.factories.rentals import RentalFactory


class LetterFactory(DjangoModelFactory[ResponsibilityLetter]):
    """Of 2026, issued on 10 November, to be signed."""

    class Meta:
        model = ResponsibilityLetter

    rental = factory.SubFactory(RentalFactory, status="registered", registered_on=date(2026, 11, 3))
    year = 2026
    number = factory.Sequence(lambda n: f"330822Z2026{900000 + n}")
    issued_on = date(2026, 11, 10)
    issued_by = factory.SubFactory(StaffFactory)

    class Params:
        signed = factory.Trait(
            signed_on=date(2026, 11, 12),
            signed_before=factory.SubFactory(StaffFactory),
            signer_name="陈国强",
            manner="screen",
            valid_from=date(2026, 11, 12),
            valid_to=date(2027, 11, 11),
        )
