from portal.accounts.models import LoginSession
from tests.factories.org import StaffFactory
from tests.matrix import LOGGED_IN, PUBLIC, Endpoint


def somebody_s_session(_code: str) -> LoginSession:
    return LoginSession.objects.create(user=StaffFactory.create(), key="somebody-else")


ENDPOINTS = [
    Endpoint("login", PUBLIC, ok=(302,), form=True),
    Endpoint("account_login", PUBLIC, ok=(302,), form=True),
    Endpoint("mfa_authenticate", PUBLIC, ok=(302,), form=True),
    Endpoint("logout", PUBLIC, method="post", ok=(302,)),
    Endpoint("accounts:reset", PUBLIC, form=True),
    # Once there is an account, the page of the first start does not exist.
    Endpoint("accounts:first_run", PUBLIC, ok=(404,)),
    Endpoint("accounts:confirm", LOGGED_IN, form=True),
    Endpoint("accounts:security", LOGGED_IN),
    Endpoint("accounts:password", LOGGED_IN, form=True),
    Endpoint("accounts:totp", LOGGED_IN, form=True),
    Endpoint("accounts:totp_qr", LOGGED_IN, ok=(404,)),
    Endpoint("accounts:key_add", LOGGED_IN, form=True),
    Endpoint("accounts:codes", LOGGED_IN, ok=(302,), form=True),
    Endpoint(
        "accounts:factor_remove", LOGGED_IN, method="post", args=lambda _row: [1], row=lambda code: code, ok=(404,)
    ),
    Endpoint("accounts:session_end", LOGGED_IN, method="post", row=somebody_s_session, ok=(404,)),
    Endpoint("accounts:session_state", LOGGED_IN),
    Endpoint("accounts:session_extend", LOGGED_IN, method="post"),
    Endpoint("accounts:form_keep", LOGGED_IN, method="post", ok=(422,)),
    Endpoint("accounts:form_back", LOGGED_IN, method="post"),
]
