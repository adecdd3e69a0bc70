import pytest
from django.test import Client, override_settings
from django.urls import reverse

from portal.org.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.urls")]


@pytest.fixture
def member() -> User:
    return User.objects.create_user("lin", display_name="林晓燕", title="社区专干")


@pytest.fixture
def browser(member: User) -> Client:
    client = Client()
    client.force_login(member)
    return client


def test_the_style_guide_draws_every_component(browser: Client):
    page = browser.get(reverse("ui:styleguide"))
    text = page.content.decode()
    assert page.status_code == 200
    for mark in ("<chart-box", "<date-field", "<combo-box", "<id-number", "errsum", 'class="sla', "kpi"):
        assert mark in text


@override_settings(UI_STYLEGUIDE=False)
def test_the_style_guide_is_absent_in_production(browser: Client):
    assert browser.get(reverse("ui:styleguide")).status_code == 404
