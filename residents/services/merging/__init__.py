"""Duplicates: finding, deciding, merging, and taking a merge back (ADR 0017)."""
