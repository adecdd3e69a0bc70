import re
from datetime import date

import pytest
from django.urls import reverse

from portal.policy.models import PolicyRule

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, staff, areas):
    client.force_login(staff(PolicyRule, "view", at="330822", role="administration"))

    def get(**query) -> str:
        response = client.get(reverse("administration:rules"), query)
        assert response.status_code == 200
        return response.content.decode()

    return get


@pytest.fixture
def sixty_rules():
    for number in range(60):
        PolicyRule.objects.create(
            code=f"zz.page_{number:02}",
            text=f"翻页第{number:02}条",
            value=number,
            unit="day",
            basis="样例依据",
            effective_from=date(2020, 1, 1),
            verified=number % 2 == 0,
        )


def codes_of(text: str) -> list[str]:
    return re.findall(r"zz\.page_\d\d", text)


def test_rules_come_in_pages_of_fifty_and_none_is_lost(page, sixty_rules):
    first, second = page(q="zz.page_"), page(q="zz.page_", page="2")
    assert codes_of(first) == [f"zz.page_{number:02}" for number in range(50)]
    assert codes_of(second) == [f"zz.page_{number:02}" for number in range(50, 60)]


def test_the_next_page_keeps_what_was_searched(page, sixty_rules):
    link = re.search(r'rel="next" href="([^"]+)"', page(q="zz.page_"))
    assert link is not None
    assert "q=zz.page_" in link[1]
    assert "page=2" in link[1]


def test_rules_not_yet_checked_are_found_beyond_the_first_page(page, sixty_rules):
    assert codes_of(page(q="zz.page_", v="0")) == [f"zz.page_{number:02}" for number in range(1, 60, 2)]
