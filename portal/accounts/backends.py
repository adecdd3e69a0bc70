"""The only way from a name and a password to an account."""

from typing import Any

from axes.backends import AxesBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from portal.accounts.lockout import may_try, normalised
from portal.org.models import User


class PasswordBackend(AxesBackend):
    """One hash for every answer: unknown, wrong, locked and disabled take the same time."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_rest: Any
    ) -> User | None:
        if request is None or username is None or password is None:
            return None
        name = normalised(username)
        if not may_try(request, name):
            make_password(password)
            return None
        user = User.objects.filter(username=name, is_system=False).first()
        if user is None or not user.has_usable_password():
            make_password(password)
            return None
        right = user.check_password(password)
        return user if right and self.user_can_authenticate(user) else None

    def get_user(self, user_id: int) -> User | None:
        """Whose session a request belongs to, with the unit that stands at the top of every page."""
        user = User.objects.select_related("department").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
