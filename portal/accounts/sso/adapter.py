from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from portal.accounts.sso.outbound import Session


class SocialAdapter(DefaultSocialAccountAdapter):
    """What allauth's OpenID Connect may do here: ask the listed hosts. It opens no account and links none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def get_requests_session(self) -> Session:
        return Session()
