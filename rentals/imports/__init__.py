"""What the rented homes take from workbooks; `portal.imports` finds it when the server starts."""

from portal.imports.kinds import register_kind
from rentals.imports.registrations import RentalLedger

register_kind(RentalLedger())
