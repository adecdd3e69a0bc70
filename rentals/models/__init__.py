from rentals.models.filing import WHOLE, LeaseFiling, LeaseTenant
from rentals.models.registration import RentalRegistration, RentalStep

__all__ = ["WHOLE", "LeaseFiling", "LeaseTenant", "RentalRegistration", "RentalStep"]
