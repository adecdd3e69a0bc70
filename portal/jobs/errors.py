class JobCancelledError(Exception):
    """The person who asked does not want it any more. Runners let it pass."""


class LeaseLostError(Exception):
    """Another worker has taken the job over: what this one did must not be committed."""
