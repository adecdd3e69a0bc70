"""The official ledgers of the rented homes; importing the package registers them."""

from rentals.ledgers import homes

__all__ = ["homes"]
