"""Merge, split, rename and move areas on a day, with everything that stands on them (docs/adr/0020)."""
