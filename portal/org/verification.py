"""Looking through all seals of grants: every night by a job, at any time by `manage.py grants_verify`."""

from collections.abc import Iterator

from portal.org.models import AreaGroupGrant, AreaUserGrant
from portal.org.seals import is_sealed

CHUNK = 2000


def broken_seals() -> Iterator[AreaGroupGrant | AreaUserGrant]:
    """Grants that were written or changed past the product, ended ones included."""
    for own in AreaUserGrant.objects.select_related("user", "permission", "content_object").iterator(CHUNK):
        if not is_sealed(own):
            yield own
    for shared in AreaGroupGrant.objects.select_related("group", "permission", "content_object").iterator(CHUNK):
        if not is_sealed(shared):
            yield shared
