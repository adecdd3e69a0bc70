"""What allauth may do here: log staff in. Nobody opens an account, and no mail is sent."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from portal.accounts.lockout import client_address


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by an administrator (等保 8.1.4.2 a)."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """In a transaction: the lock of the account lasts until the failure is counted."""
        with transaction.atomic():
            return super().authenticate(request, **credentials)

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **_rest: Any) -> HttpResponse | None:
        """Single sign-on comes by here as well: a disabled account gets the answer of a wrong password."""
        return None if user.is_active else HttpResponseRedirect(reverse("login"))

    def is_reauthentication_required(self, **_rest: Any) -> bool:
        """`portal.accounts.stepup` asks, for every page alike."""
        return False

    def add_message(self, *_args: Any, **_rest: Any) -> None:
        """allauth's own words are not ours."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """There is no mail."""
