"""What a process keeps in memory for as long as it lives, and when it looks for what it can throw away."""

import gc
from typing import Any

from django.core.signals import request_finished

YOUNG = 10_000  # new objects before they are looked through; a page makes some thousands and drops them by itself
AT_WORST = 200_000  # so many within one request, and nobody waits for its end
ALL_EVERY = 200

_tidied = 0


def settle() -> None:
    """Call when everything is loaded, before a server forks: what is there then is there to stay, and the collector
    need not go through it again and again (nor write to pages of memory that processes share)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


def between_answers() -> None:
    """Call in a web server after `settle`: every fifth page of a list waited five milliseconds for the collector. From
    here on it comes when an answer has been sent."""
    gc.set_threshold(AT_WORST, *gc.get_threshold()[1:])
    request_finished.connect(tidy)


def tidy(**_signal: Any) -> None:
    """Throws away what has piled up, if it is much; now and then what got old, too."""
    global _tidied  # noqa: PLW0603 - one number for each process
    if gc.get_count()[0] > YOUNG:
        _tidied += 1
        gc.collect(2 if _tidied % ALL_EVERY == 0 else 1)
