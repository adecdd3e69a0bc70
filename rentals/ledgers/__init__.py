"""The official ledgers of the rented homes; importing the package registers them."""

from rentals.ledgers import figures, homes, inspections, letters

__all__ = ["figures", "homes", "inspections", "letters"]
