from django.urls import URLPattern, path

from residents.views import sampling
from residents.views.visits import door, plan, supervision

urlpatterns: list[URLPattern] = [
    path("visits/", plan.PlanView.as_view(), name="visit_plan"),
    path("visits/sheet/", plan.SheetView.as_view(), name="visit_sheet"),
    path("visits/make/", plan.MakeTasks.as_view(), name="visit_make"),
    path("visits/anomalies/", supervision.AnomalyView.as_view(), name="visit_anomalies"),
    path("visits/suspected/", supervision.SuspectedList.as_view(), name="suspected_list"),
    path("visits/departures/", supervision.DepartureRequestList.as_view(), name="departure_request_list"),
    path("visits/departures/ask/", supervision.DepartureAsk.as_view(), name="departure_ask"),
    path("visits/departures/<int:pk>/", supervision.DepartureRequestView.as_view(), name="departure_request"),
    path("visits/dwellings/<int:pk>/", plan.VisitStart.as_view(), name="visit_start"),
    path("visits/answers/<int:pk>/undo/", door.UndoAnswerView.as_view(), name="visit_undo"),
    path("visits/<int:pk>/", door.DoorView.as_view(), name="visit_door"),
    path("visits/<int:pk>/stays/<int:stay>/", door.AnswerView.as_view(), name="visit_answer"),
    path("visits/<int:pk>/photo/", door.PhotoView.as_view(), name="visit_photo"),
    path("visits/<int:pk>/take/", plan.TaskTake.as_view(), name="visit_take"),
    path("visits/<int:pk>/assign/", plan.TaskAssign.as_view(), name="visit_assign"),
    path("visits/<int:pk>/postpone/", plan.TaskPostpone.as_view(), name="visit_postpone"),
    path("sampling/", sampling.CampaignList.as_view(), name="sampling_list"),
    path("sampling/new/", sampling.CampaignNew.as_view(), name="sampling_new"),
    path("sampling/items/", sampling.SampleList.as_view(), name="sample_list"),
    path("sampling/items/<int:pk>/", sampling.SampleItemView.as_view(), name="sample_item"),
    path("sampling/<int:pk>/", sampling.CampaignView.as_view(), name="sampling_campaign"),
    path("sampling/<int:pk>/assign/", sampling.SampleAssign.as_view(), name="sampling_assign"),
]
