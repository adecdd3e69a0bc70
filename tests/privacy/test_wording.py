"""The sheet for the person speaks of every business in words, never in the codes of the log."""

import pytest

from portal.audit.models import AccessEvent
from privacy.wording import purpose_words

pytestmark = pytest.mark.django_db
OPEN = AccessEvent.Action.OPEN


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        ("visit", "上门走访"),
        ("duplicates", "查找已有档案"),
        ("as_of", "查看某日某地址的居住人员"),
        ("subject_request", "本人申请"),
        ("ledger L1", "规定格式的台账"),
        ("", "居住登记日常办理"),
        ("something new", "居住登记日常办理"),
    ],
)
def test_a_look_is_told_by_its_business(purpose, words):
    assert purpose_words(AccessEvent(action=OPEN, purpose=purpose)) == words
