from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import LoginSession
from portal.org.models import User
from tests.factories.org import StaffFactory

PASSWORD = "Quiet River 7 stones"  # noqa: S105 - of an account that lives for one test
AGENT = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


@pytest.fixture
def person(db: None) -> User:
    user = StaffFactory.create(username="hong", display_name="洪雪梅")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def log_in(person: User) -> Callable[..., Any]:
    """Sends the login form; the answer is not followed."""

    def send(client: Client, username: str = "hong", word: str = PASSWORD, **extra: Any) -> Any:
        return client.post("/login/", {"username": username, "password": word}, headers={"User-Agent": AGENT}, **extra)

    return send


@pytest.fixture
def browser(person: User, log_in: Callable[..., Any]) -> Client:
    """Somebody who has just logged in with the form."""
    client = Client(headers={"User-Agent": AGENT})
    assert log_in(client)["Location"] == "/"
    return client


@pytest.fixture
def session_row(browser: Client) -> LoginSession:
    return LoginSession.objects.get(key=browser.session.session_key)
