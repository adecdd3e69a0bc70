"""The official ledgers of the rented homes; importing the package registers them."""

from rentals.ledgers import homes, inspections

__all__ = ["homes", "inspections"]
