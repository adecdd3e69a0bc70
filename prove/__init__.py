"""`make prove`: the promises of the security design, each measured by a run and told in one line."""
