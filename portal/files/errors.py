from django.utils.translation import gettext_lazy as _

from portal.core.errors import DomainError
from portal.files.limits import LIMITS, Limits

SENTENCES = {
    "too_large": _("The file is larger than %(megabytes)d MB. Please make it smaller or split it."),
    "empty": _("The file is empty. Please choose another one."),
    "too_large_unpacked": _("The workbook unpacks to more than it may. Please save it anew with fewer rows."),
    "too_many_entries": _("The workbook has too many parts. Please copy the rows into a new workbook."),
    "active_content": _(
        "The workbook holds macros, links to other files or embedded objects. Please save it as .xlsx with values only."
    ),
    "dtd": _("The workbook holds instructions that an ordinary one does not. Please copy the rows into a new one."),
    "not_a_workbook": _("This is not an .xlsx workbook, or it is damaged. Please save it as .xlsx in Excel or WPS."),
    "old_workbook": _(
        "This is an old .xls workbook whatever its name says, or one with a password. Open it and save it as .xlsx."
    ),
    "no_sheet": _("The workbook has no visible sheet. Please show the sheet and save it again."),
    "too_many_cells": _(
        "The sheet reaches beyond %(columns)d columns or %(rows)d rows. Please delete the empty cells behind the data,"
        " or split the file."
    ),
    "not_a_picture": _("Only photos and scans as JPEG, PNG, WebP or PDF can be taken. Please choose another file."),
    "broken_picture": _("The picture is damaged and cannot be shown. Please take or scan it again."),
    "too_many_pixels": _(
        "The picture has more than %(megapixels)d million pixels. Please take it with a lower resolution."
    ),
    "broken_pdf": _("The PDF is damaged or holds programs. Please print it to a new PDF."),
    "too_heavy": _("The file takes too much to read and was given up. Please save it anew or split it."),
    "virus": _("The virus scanner found something in the file, so it was not taken. Please tell the administrator."),
    "unscanned": _("The virus scanner does not answer, so no file can be taken now. Please try again later."),
    "quota": _("You have uploaded as much as one person may in a day. Please go on tomorrow or ask the administrator."),
}


class UploadRefused(DomainError):  # noqa: N818 - a refusal, told to whoever uploads
    """The file was not taken. `code` names the reason for tests and counters; the message says what to do."""


def refusal(code: str, limits: Limits = LIMITS) -> UploadRefused:
    """The exception with the sentence of a code; an unknown code reads like a file that cannot be read."""
    told = str(SENTENCES.get(code, SENTENCES["not_a_workbook"])) % {
        "megabytes": limits.bytes >> 20,
        "megapixels": limits.pixels // 1_000_000,
        "columns": limits.columns,
        "rows": limits.rows,
    }
    return UploadRefused(told, field="file", code=code)
