from django.urls import URLPattern, path

from residents.views.permits import cards, files, queue

urlpatterns: list[URLPattern] = [
    path("permits/queue/", queue.ApplicationQueue.as_view(), name="application_queue"),
    path("permits/queue/bulk/", queue.BulkDecision.as_view(), name="application_bulk"),
    path("permits/queue/bulk/<uuid:pk>/", queue.BulkResult.as_view(), name="application_bulk_result"),
    path("permits/files/new/", files.ApplicationNew.as_view(), name="application_new"),
    path("permits/files/<int:pk>/", files.ApplicationDetail.as_view(), name="application_detail"),
    path("permits/files/<int:pk>/preview/", queue.ApplicationPreview.as_view(), name="application_preview"),
    path("permits/files/<int:pk>/review/", queue.ReviewView.as_view(), name="application_review"),
    path("permits/files/<int:pk>/sign/", queue.SignView.as_view(), name="application_sign"),
    path("permits/files/<int:pk>/return/", queue.ReturnView.as_view(), name="application_return"),
    path("permits/files/<int:pk>/reject/", queue.RejectView.as_view(), name="application_reject"),
    path("permits/files/<int:pk>/undo/", queue.UndoView.as_view(), name="application_undo"),
    path("permits/files/<int:pk>/complete/", files.Complete.as_view(), name="application_complete"),
    path("permits/files/<int:pk>/deliver/", files.Deliver.as_view(), name="application_deliver"),
    path("permits/files/<int:pk>/withdraw/", files.Withdraw.as_view(), name="application_withdraw"),
    path("permits/files/<int:pk>/number/", files.RevealNumber.as_view(), name="application_reveal"),
    path("permits/files/<int:pk>/receipt/", files.Receipt.as_view(), name="application_receipt"),
    path("permits/files/<int:pk>/notice/", files.OneTimeNotice.as_view(), name="application_notice"),
    path("permits/endorsements/", cards.EndorsementList.as_view(), name="endorsement_list"),
    path("permits/endorsements/remind/", cards.Remind.as_view(), name="endorsement_remind"),
    path("permits/<int:pk>/", cards.PermitDetail.as_view(), name="permit_detail"),
    path("permits/<int:pk>/endorse/", cards.Endorse.as_view(), name="permit_endorse"),
    path("permits/<int:pk>/address/", cards.MovePermit.as_view(), name="permit_move"),
    path("permits/<int:pk>/end/", cards.EndPermit.as_view(), name="permit_end"),
    path("permits/<int:pk>/keep/", cards.KeepPermit.as_view(), name="permit_keep"),
    path("permits/<int:pk>/card/", cards.PermitCard.as_view(), name="permit_card"),
    path("permits/<int:pk>/endorsements/", cards.EndorsementSheet.as_view(), name="permit_endorsements"),
    path("verify/<str:token>/", cards.Verify.as_view(), name="permit_verify"),
]
