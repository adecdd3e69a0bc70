"""How often somebody has to be looked up again: which policy rule fits which kind of lodging."""

from portal.policy.services import rule

# Kinds of lodging of the police statistics (code table `dwelling_kind`) by how fast people change there.
RULE_BY_LODGING = {
    "03": "verify.dormitory_days",
    "04": "verify.dormitory_days",
    "05": "verify.rental_days",
    "02": "verify.own_home_days",
}


def verify_interval_days(lodging: str) -> int:
    """Calendar days after which a verification is stale."""
    return int(rule(RULE_BY_LODGING.get(lodging, "verify.other_days")).value)
