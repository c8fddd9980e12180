"""The routes of judging history by other rules."""

from django.urls import path

from helmdesk.web.judging import export, listing, show
from helmdesk.web.setup.doors import on

app_name = "judging"
urlpatterns = [
    path("judging/", on(get=show.home, post=show.create), name="home"),
    path("judging/new", on(get=show.new), name="new"),
    path("judging/<id:pk>", on(get=show.show), name="show"),
    path("judging/<id:pk>/resumption", on(post=show.resume), name="resumption"),
    path("judging/<id:pk>/removal", on(post=show.stop), name="removal"),
    path("judging/<id:pk>/tickets", on(get=listing.show), name="tickets"),
    path("judging/<id:pk>/exports", on(post=export.create), name="exports"),
]
