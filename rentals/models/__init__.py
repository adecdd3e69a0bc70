from rentals.models.registration import RentalRegistration, RentalStep

__all__ = ["RentalRegistration", "RentalStep"]
