"""Dead letters, for administrators: which subscriber gave up on which event. Payloads are not shown."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.events import bus
from portal.org.choices import Duty

SHOWN = 100


@require_safe
def dead_letters(request: HttpRequest) -> HttpResponse:
    _administrators_only(request)
    return render(request, "jobs/dead_letters.html", {"letters": bus.dead_letters()[:SHOWN]})


@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    _administrators_only(request)
    letter = get_object_or_404(bus.dead_letters(), pk=pk)
    bus.try_again(letter.pk)
    messages.success(request, _("The event is being delivered again."))
    return redirect("events:dead_letters")


def _administrators_only(request: HttpRequest) -> None:
    has_duty = getattr(request.user, "has_duty", None)
    if not has_duty or not has_duty(Duty.ADMINISTRATION):
        raise PermissionDenied
