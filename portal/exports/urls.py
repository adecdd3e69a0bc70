from django.urls import path

from portal.accounts.stepup import require_recent_login
from portal.exports import approvals, records, views

app_name = "exports"
urlpatterns = [
    path("exports/", views.centre, name="centre"),
    path("exports/provisions/", records.ProvisionList.as_view(), name="provisions"),
    path("exports/approvals/", approvals.ApprovalList.as_view(), name="approvals"),
    path("exports/approvals/<int:pk>/", require_recent_login(approvals.ApprovalView.as_view()), name="approval"),
    path("exports/approvals/<int:pk>/withdraw/", approvals.withdraw, name="withdraw"),
    path("exports/<slug:code>/preview/", views.preview, name="preview"),
    path("exports/<uuid:pk>/download/", views.download, name="download"),
]
