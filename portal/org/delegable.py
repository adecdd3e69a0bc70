"""Which rights may be given by whom. A codename is `app__action_model`, see `scoping.grant_codename`."""

RESERVED_APPS = frozenset({"accounts", "audit", "events", "jobs", "org", "oversight", "policy"})
"""Rights of the three administrators: their own service gives them, no page of grants does."""

NEVER_LENT = frozenset({"sign", "export_full"})
"""Signing a permit is the county police's own act (decree 663 art. 10); whole data leave under one's own name."""


def app_of(codename: str) -> str:
    return codename.partition("__")[0]


def action_of(codename: str) -> str:
    return codename.partition("__")[2].rpartition("_")[0]


def is_reserved(codename: str) -> bool:
    return app_of(codename) in RESERVED_APPS


def may_be_lent(codename: str) -> bool:
    """May somebody let a stand-in use this right for a time?"""
    return not is_reserved(codename) and action_of(codename) not in NEVER_LENT
