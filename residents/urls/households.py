from django.urls import URLPattern, path

from residents.views import household_acts, households

urlpatterns: list[URLPattern] = [
    path("households/<int:pk>/", households.HouseholdView.as_view(), name="household"),
    path("households/<int:pk>/print/", households.HouseholdPrintView.as_view(), name="household_print"),
    path("households/<int:pk>/split/", household_acts.SplitView.as_view(), name="household_split"),
    path("households/<int:pk>/head/", household_acts.HeadView.as_view(), name="household_head"),
    path("households/<int:pk>/join/", household_acts.JoinView.as_view(), name="household_join"),
    path("households/<int:pk>/move/", household_acts.HouseholdMoveView.as_view(), name="household_move"),
    path("households/<int:pk>/leave/", household_acts.LeaveBookView.as_view(), name="household_leave"),
    path("households/<int:pk>/guardian/", household_acts.GuardianView.as_view(), name="household_guardian"),
    path("households/acts/<int:pk>/undo/", households.HouseholdUndoView.as_view(), name="household_undo"),
    path("stays/<int:pk>/household/", households.HouseholdOpenView.as_view(), name="household_open"),
]
