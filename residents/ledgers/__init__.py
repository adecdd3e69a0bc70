"""The official ledgers and reports made from the register; importing the package registers them."""

from residents.ledgers import permits, registers, samples, statistics

__all__ = ["permits", "registers", "samples", "statistics"]
