"""Watching one's own background work. Nobody sees the work of others here, whatever their rights."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.core.errors import DomainError
from portal.jobs import services
from portal.jobs.kinds import quiet_kinds
from portal.jobs.models import FINAL, Job, JobState
from portal.org.choices import Duty

STOP_POLLING = 286
SHOWN = 50


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The newest fifty tasks of the person logged in."""
    return render(request, "jobs/list.html", {"jobs": jobs_of(request.user)})


def jobs_of(user: Any, **filters: Any) -> list[Job]:
    told = Job.objects.filter(requested_by=user, **filters).exclude(kind__in=quiet_kinds())
    return list(told.order_by("-created_at")[:SHOWN])


@require_safe
def status(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The fragment that polls itself each second; status 286 tells htmx that the state is final."""
    job = get_object_or_404(Job, pk=pk, requested_by=request.user)
    if "HX-Request" not in request.headers:
        return render(request, "jobs/detail.html", {"job": job})
    code = STOP_POLLING if job.state in FINAL else 200
    return render(request, "jobs/_job.html", {"job": job}, status=code)


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Job, pk=pk, requested_by=request.user)
    try:
        job = services.cancel(job_id=str(pk), actor=request.user)  # type: ignore[arg-type]
    except DomainError as error:
        messages.error(request, error.message)
        job = get_object_or_404(Job, pk=pk, requested_by=request.user)
    if "HX-Request" in request.headers:
        return render(request, "jobs/_job.html", {"job": job})
    return redirect("jobs:mine")


@require_safe
def failures(request: HttpRequest) -> HttpResponse:
    """For administrators: tasks that failed, with their cause. Contents and files of the tasks are not shown."""
    _administrators_only(request)
    failed = Job.objects.filter(state=JobState.FAILED).select_related("requested_by").order_by("-finished_at")
    return render(request, "jobs/failures.html", {"jobs": failed[:SHOWN]})


def _administrators_only(request: HttpRequest) -> None:
    has_duty = getattr(request.user, "has_duty", None)
    if not has_duty or not has_duty(Duty.ADMINISTRATION):
        raise PermissionDenied
