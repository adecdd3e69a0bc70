from django.urls import URLPattern, path

from residents.views import as_of, corrections, dwellings, minors, people, stays, transfers

urlpatterns: list[URLPattern] = [
    path("people/", people.PersonListView.as_view(), name="person_list"),
    path("people/<int:pk>/", people.PersonDetailView.as_view(), name="person_detail"),
    path("people/<int:pk>/reason/", minors.MinorReasonView.as_view(), name="person_minor"),
    path("people/<int:pk>/reveal/", people.PersonRevealView.as_view(), name="person_reveal"),
    path("people/<int:pk>/correct/", corrections.CorrectionView.as_view(), name="person_correct"),
    path("transfers/", transfers.TransferListView.as_view(), name="transfer_list"),
    path("transfers/new/<str:ticket>/", transfers.TransferNewView.as_view(), name="transfer_new"),
    path("transfers/<int:pk>/", transfers.TransferAnswerView.as_view(), name="transfer_answer"),
    path("transfers/<int:pk>/reopen/", transfers.TransferReopenView.as_view(), name="transfer_reopen"),
    path("stays/<int:pk>/move/", stays.MoveView.as_view(), name="person_move"),
    path("stays/<int:pk>/workplace/", stays.WorkplaceView.as_view(), name="person_workplace"),
    path("stays/<int:pk>/leave/", stays.LeaveView.as_view(), name="person_leave"),
    path("stays/<int:pk>/restore/", stays.RestoreView.as_view(), name="person_restore"),
    path("stays/<int:pk>/verify/", stays.VerifyView.as_view(), name="person_verify"),
    path("changes/<int:pk>/undo/", stays.UndoView.as_view(), name="change_undo"),
    path("dwellings/", dwellings.DwellingListView.as_view(), name="dwelling_list"),
    path("dwellings/add/", dwellings.DwellingAddView.as_view(), name="dwelling_add"),
    path("dwellings/<int:pk>/", dwellings.DwellingDetailView.as_view(), name="dwelling_detail"),
    path("dwellings/<int:pk>/then/", as_of.DwellingThenView.as_view(), name="dwelling_then"),
    path("dwellings/<int:pk>/alias/", dwellings.DwellingAliasView.as_view(), name="dwelling_alias"),
    path("dwellings/<int:pk>/plate/", dwellings.DwellingPlateView.as_view(), name="dwelling_plate"),
]
