from django.urls import URLPattern, path

from residents.views.arrivals import drafts, fragments, pages, vouchers

urlpatterns: list[URLPattern] = [
    path("arrivals/new/", pages.ArrivalPage.as_view(), name="arrival_new"),
    path("arrivals/household/", pages.HouseholdPage.as_view(), name="arrival_household"),
    path("arrivals/duplicates/", fragments.DuplicatePanel.as_view(), name="arrival_duplicates"),
    path("arrivals/load/<int:pk>/", fragments.LoadPerson.as_view(), name="arrival_load"),
    path("arrivals/not-same/", fragments.NotSamePerson.as_view(), name="arrival_not_same"),
    path("arrivals/companion/", fragments.CompanionCheck.as_view(), name="arrival_companion"),
    path("arrivals/duty/", fragments.DutyNotes.as_view(), name="arrival_duty"),
    path("arrivals/addresses/", fragments.AddressOptions.as_view(), name="arrival_addresses"),
    path("arrivals/divisions/", fragments.DivisionOptions.as_view(), name="arrival_divisions"),
    path("arrivals/dwelling/", fragments.NewDwelling.as_view(), name="arrival_dwelling"),
    path("arrivals/drafts/", drafts.DraftList.as_view(), name="arrival_drafts"),
    path("arrivals/drafts/<str:kind>/save/", drafts.SaveDraft.as_view(), name="arrival_draft_save"),
    path("arrivals/drafts/<uuid:pk>/delete/", drafts.DeleteDraft.as_view(), name="arrival_draft_delete"),
    path("arrivals/<int:pk>/voucher/", vouchers.Voucher.as_view(), name="arrival_voucher"),
    path("arrivals/changes/<int:pk>/undo/", vouchers.UndoArrival.as_view(), name="arrival_undo"),
    path("v/<uuid:token>/", vouchers.VoucherCheck.as_view(), name="voucher_check"),
]
