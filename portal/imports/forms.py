from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.imports.guessing import samples
from portal.imports.kinds import Column, ImportKind
from portal.imports.models import ImportBatch, ImportRow
from portal.imports.shown import masked
from portal.ui.forms import PortalForm

NOWHERE = -1
XLSX = ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 500


class UploadForm(PortalForm):
    file = forms.FileField(
        label=gettext_lazy("Workbook (.xlsx)"),
        widget=forms.FileInput({"accept": XLSX, "data-file": ""}),
        error_messages={"required": gettext_lazy("Please choose the workbook.")},
        allow_empty_file=True,
    )


class UndoForm(PortalForm):
    reason = forms.CharField(
        label=gettext_lazy("Why is it taken back?"),
        max_length=200,
        error_messages={"required": gettext_lazy("Please say why the import is taken back.")},
    )


class ColumnsForm(PortalForm):
    """Which column of the file is what. A column is named by its letter and title, samples stand beside it."""

    sheet = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    header_row = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, kind: ImportKind, head: list[list[str]], header_row: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.head, self.header = kind, head, header_row
        places = [(at, self.heading(at)) for at in range(max((len(row) for row in head), default=0))]
        offered = [(NOWHERE, _("not in the file")), *places]
        for column in kind.columns:
            self.fields[column.key] = forms.TypedChoiceField(
                label=column.title,
                choices=offered,
                coerce=int,
                required=column.required,
                empty_value=str(NOWHERE),
                widget=forms.Select(attrs={"lang": "zh-CN"}),  # the workbook speaks Chinese whatever the page speaks
            )

    def heading(self, at: int) -> str:
        titles = self.head[self.header - 1] if 0 < self.header <= len(self.head) else []
        title = titles[at] if at < len(titles) else ""
        return f"{letter(at)} · {title}" if title else f"{letter(at)} · {_('no title')}"

    def mapping(self) -> dict[str, int]:
        found = {column.key: self.cleaned_data.get(column.key, NOWHERE) for column in self.kind.columns}
        return {key: int(at) for key, at in found.items() if at not in (None, "", NOWHERE) and int(at) >= 0}

    def lines(self) -> list[dict[str, Any]]:
        """The columns of the kind with their choice and the values that would come from there."""
        lines = []
        for column in self.kind.columns:
            value = self[column.key].value()
            at = int(value) if str(value).lstrip("-").isdigit() else NOWHERE
            found = samples(self.head, self.header, at) if at >= 0 else []
            lines.append({"column": column, "field": self[column.key], "samples": _shown(column, found)})
        return lines


class RowForm(PortalForm):
    """The cells of one row as text; what is wrong with them is told by the check of the kind."""

    def __init__(self, *args: Any, kind: ImportKind, row: ImportRow, **kwargs: Any) -> None:
        super().__init__(*args, initial=row.raw, **kwargs)
        told: dict[str, list[str]] = {}
        for one in row.problems:
            told.setdefault(one["column"], []).append(one["text"])
        self.loose = told.pop("", [])
        for column in kind.columns:
            self.fields[column.key] = forms.CharField(
                label=column.title, required=False, max_length=LONGEST, help_text=str(column.about)
            )
        self.told = told

    def cells(self) -> list[dict[str, Any]]:
        return [{"field": field, "told": self.told.get(field.name, [])} for field in self]

    def raw(self) -> dict[str, str]:
        return {key: value for key, value in self.cleaned_data.items() if value}


def letter(at: int) -> str:
    name, number = "", at + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _shown(column: Column, found: list[str]) -> list[str]:
    return [masked(column, one) for one in found]


def batch_head(batch: ImportBatch, sheet: int) -> list[list[str]]:
    heads = batch.sample or []
    return heads[sheet]["head"] if 0 <= sheet < len(heads) else []
