"""The sentences that scripts show, in the language of the page. {places} are filled by ui/js/messages.js."""

from django.utils.translation import gettext as _


def js_messages() -> dict[str, str]:
    return {
        "id_characters": _("Use digits only; the last character may be X"),
        "id_province": _("The first two digits are not a province"),
        "id_birth": _("Digits 7–14 are not a valid date of birth"),
        "id_check": _("The check digit is wrong, please compare the last character"),
        "id_short": _("An ID number has 18 characters, please complete it"),
        "id_wrong": _("Not right"),
        "id_passed": _("✓ Checked"),
        "id_upgrade": _("First-generation number: now {number}"),
        "age": _("{age} years"),
        "sex_m": _("Male"),
        "sex_f": _("Female"),
        "date_unread": _("This date was not understood, please write it like 2026-11-20"),
        "date_read": _("{weekday}, {month}/{day}; 1120 or -2 (two days ago) work too"),
        "weekdays": _("Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday"),
        "undo": _("Undo"),
        "failed": _("The server could not answer. Your input is still here; please try again."),
        "failed_number": _("The server could not answer. Please try again, or tell the administrator number {number}."),
        "offline": _("The network is down. What you typed stays on this page."),
        "draft_saved": _("Draft saved at {time}"),
        "draft_unsaved": _("Draft not saved yet, trying again"),
        "reveal_refused": _("You may not see the full number."),
        "copied": _("Copied"),
        "copy_refused": _("The browser did not allow copying. Please select the text and press Ctrl C."),
        "sla_left_hours": _("{hours} h left"),
        "sla_over_hours": _("{hours} h overdue"),
        "session_count": _("{count} saved in this sitting, {seconds} s each on average"),
        "flow": _("People"),
        "sum": _("Total"),
    }
