from django.urls import path

from privacy.views import records, requests

app_name = "privacy"
urlpatterns = [
    path("privacy/", records.ActivityList.as_view(), name="activities"),
    path("privacy/activities/<int:pk>/", records.ActivityEdit.as_view(), name="activity_edit"),
    path("privacy/notices/", records.NoticeList.as_view(), name="notices"),
    path("privacy/retention/", records.RetentionPage.as_view(), name="retention"),
    path("privacy/holds/", records.HoldList.as_view(), name="holds"),
    path("privacy/holds/<int:pk>/lift/", records.HoldLift.as_view(), name="hold_lift"),
    path("people/<int:pk>/consents/new/", records.ConsentNew.as_view(), name="consent_new"),
    path("privacy/consents/<int:pk>/withdraw/", records.ConsentWithdraw.as_view(), name="consent_withdraw"),
    path("people/<int:pk>/requests/new/", requests.RequestNew.as_view(), name="request_new"),
    path("privacy/requests/", requests.RequestList.as_view(), name="request_list"),
    path("privacy/requests/<int:pk>/", requests.RequestDetail.as_view(), name="request_detail"),
    path("privacy/requests/<int:pk>/access-sheet/", requests.AccessSheetPage.as_view(), name="access_sheet"),
    path("privacy/requests/<int:pk>/copy/", requests.CopyPage.as_view(), name="data_copy"),
    path("privacy/requests/<int:pk>/copy-file/", requests.CopyFile.as_view(), name="copy_file"),
    path("privacy/requests/<int:pk>/answer/", requests.AnswerSheet.as_view(), name="answer_sheet"),
    path("privacy/requests/<int:pk>/step/<slug:name>/", requests.RequestStep.as_view(), name="request_step"),
]
