from django.db import models
from django.utils.translation import gettext_lazy as _


class EndReason(models.TextChoices):
    """Why a session is over; the person reads it on the login page."""

    LOGOUT = "logout", _("logged out")
    IDLE = "idle", _("nothing was done for too long")
    ABSOLUTE = "absolute", _("the longest time of one session was over")
    REPLACED = "replaced", _("the account logged in elsewhere")
    ENDED = "ended", _("ended from the list of sessions")
    ADMINISTRATOR = "administrator", _("ended by an administrator")
    PASSWORD = "password", _("the password was changed")
    FACTOR = "factor", _("the second factor was changed")
    DISABLED = "disabled", _("the account was disabled")
    BROWSER = "browser", _("another browser used the session")


class CodePurpose(models.TextChoices):
    RESET = "reset", _("set a new password")
    FIRST_RUN = "first_run", _("make the first administrator")
