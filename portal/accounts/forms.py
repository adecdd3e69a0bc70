"""What is typed to log in. A refusal has one sentence: which part was wrong is nobody's business but the owner's."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts import factors
from portal.accounts.lockout import normalised
from portal.org.models import User
from portal.ui.forms import PortalForm

LONGEST_PASSWORD = 256


class PasswordInput(forms.PasswordInput):
    """Pasting from a password manager is welcome; what was typed never comes back in an answer."""

    def __init__(self, autocomplete: str) -> None:
        super().__init__(attrs={"autocomplete": autocomplete, "maxlength": LONGEST_PASSWORD})


def password_field(label: Any, autocomplete: str, **rest: Any) -> forms.CharField:
    return forms.CharField(
        label=label, strip=False, max_length=LONGEST_PASSWORD, widget=PasswordInput(autocomplete), **rest
    )


class CodeField(forms.CharField):
    """Digits of the app, or a recovery code; blanks in between do not count."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(
            label=gettext_lazy("Code"),
            max_length=32,
            widget=forms.TextInput(
                attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
            ),
            **rest,
        )

    def to_python(self, value: Any) -> str:
        return "".join(str(super().to_python(value)).split())


class LoginForm(PortalForm):
    username = forms.CharField(label=gettext_lazy("Account"), max_length=150)
    password = password_field(gettext_lazy("Password"), "current-password")

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.account: Any = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        self.account = get_adapter().authenticate(
            self.request, username=cleaned["username"], password=cleaned["password"]
        )
        if self.account is None:
            raise ValidationError(
                _(
                    "The account or the password is wrong, or the account is locked for a while."
                    " Please check both; after several failures wait half an hour or ask for a one-time code."
                ),
                code="refused",
            )
        return cleaned


class CodeForm(PortalForm):
    """The code of the second factor; `user` has given the right password already."""

    code = CodeField()

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.request = request
        self.factor: Any = None

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        self.factor = factors.check_code(user=self.user, code=code, request=self.request)
        if self.factor is None:
            raise ValidationError(
                _("This code is wrong or was used already. Please wait for the next one and enter it."), code="refused"
            )
        return code


class FirstCodeForm(PortalForm):
    """The first code of a new app shows that the picture was read well."""

    code = CodeField()

    def __init__(self, *args: Any, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secret = secret

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not factors.first_code_fits(self.secret, code):
            raise ValidationError(
                _("This code does not fit. Please check the clock of the phone, and enter the code shown now."),
                code="refused",
            )
        return code


class OwnPasswordForm(PortalForm):
    """Asks somebody who is logged in for the password; a wrong one counts like a failed login."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def proved(self, password: str) -> str:
        found = get_adapter().authenticate(self.request, username=self.user.username, password=password)
        if found is None or found.pk != self.user.pk:
            raise ValidationError(
                _("The password is wrong, or the account is locked for a while. Please enter it again."), code="refused"
            )
        return password


class ConfirmForm(OwnPasswordForm):
    """Who has a second factor proves it with that; who has none, with the password."""

    password = password_field(gettext_lazy("Password"), "current-password")

    def clean_password(self) -> str:
        return self.proved(str(self.cleaned_data["password"]))


class NewPasswordForm(PortalForm):
    """Whether the password is good enough is decided by the service."""

    password1 = password_field(gettext_lazy("New password"), "new-password")
    password2 = password_field(gettext_lazy("New password once more"), "new-password")

    def rules(self) -> list[str]:
        return [text for text in password_validators_help_texts() if text]

    def clean_password2(self) -> str:
        again = str(self.cleaned_data["password2"])
        if self.cleaned_data.get("password1") not in {None, again}:
            raise ValidationError(_("The two passwords differ. Please enter the same one twice."), code="differs")
        return again


class ChangePasswordForm(OwnPasswordForm, NewPasswordForm):
    old = password_field(gettext_lazy("Current password"), "current-password")
    field_order = ("old", "password1", "password2")

    def clean_old(self) -> str:
        return self.proved(str(self.cleaned_data["old"]))


class OneTimeCodeField(forms.CharField):
    def __init__(self, **rest: Any) -> None:
        super().__init__(
            label=gettext_lazy("One-time code"),
            max_length=40,
            widget=forms.TextInput(
                attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
            ),
            **rest,
        )


class ResetForm(NewPasswordForm):
    username = forms.CharField(
        label=gettext_lazy("Account"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    code = OneTimeCodeField()
    field_order = ("username", "code", "password1", "password2")


class FirstRunForm(NewPasswordForm):
    code = OneTimeCodeField()
    username = forms.CharField(
        label=gettext_lazy("Account"),
        max_length=30,
        validators=[
            RegexValidator(
                r"^[a-z][a-z0-9._-]{2,29}$",
                gettext_lazy("3 to 30 small letters, digits, dots or hyphens, with a letter first"),
            )
        ],
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    display_name = forms.CharField(label=gettext_lazy("Your name"), max_length=50)
    field_order = ("code", "username", "display_name", "password1", "password2")

    def clean_username(self) -> str:
        return normalised(self.cleaned_data["username"])
