"""Only these addresses of the login exist; what else allauth brings is not included."""

from django.urls import include, path

from portal.accounts.views import account, entrance, factors, login

own = (
    [
        path("reset/", entrance.ResetPage.as_view(), name="reset"),
        path("first-run/", entrance.FirstRunPage.as_view(), name="first_run"),
        path("confirm/", login.ConfirmPage.as_view(), name="confirm"),
        path("account/security/", account.security, name="security"),
        path("account/password/", account.PasswordPage.as_view(), name="password"),
        path("account/app/", factors.AppPage.as_view(), name="totp"),
        path("account/app/picture.svg", factors.app_picture, name="totp_qr"),
        path("account/key/", factors.KeyPage.as_view(), name="key_add"),
        path("account/codes/", factors.codes, name="codes"),
        path("account/factors/<int:pk>/remove/", factors.remove, name="factor_remove"),
        path("account/sessions/<int:pk>/end/", account.session_end, name="session_end"),
        path("session/state/", account.session_state, name="session_state"),
        path("session/extend/", account.session_extend, name="session_extend"),
        path("session/keep/", account.form_keep, name="form_keep"),
        path("session/back/", account.form_back, name="form_back"),
    ],
    "accounts",
)
urlpatterns = [
    path("login/", login.LoginPage.as_view(), name="login"),
    path("login/", login.LoginPage.as_view(), name="account_login"),  # the name that allauth goes back to
    path("login/code/", login.CodePage.as_view(), name="mfa_authenticate"),
    path("logout/", login.LogoutPage.as_view(), name="logout"),
    path("", include(own)),
]
