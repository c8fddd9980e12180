"""The routes of background jobs."""

from django.urls import path

from helmdesk.web.jobs import queue
from helmdesk.web.setup.doors import on
from helmdesk.web.setup.urls import Id  # noqa: F401 (its converter)

app_name = "jobs"
urlpatterns = [
    path("jobs/", on(get=queue.jobs), name="home"),
    path("jobs/given-up/attempts", on(post=queue.retry_all), name="all_attempts"),
    path("jobs/given-up/removal", on(post=queue.drop_all), name="all_removal"),
    path("jobs/<id:pk>/attempts", on(post=queue.retry), name="attempts"),
    path("jobs/<id:pk>/removal", on(post=queue.drop), name="removal"),
]
