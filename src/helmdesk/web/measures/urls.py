"""The routes of figures."""

from django.urls import path

from helmdesk.web.measures import comparison, export, listing, overview, people
from helmdesk.web.setup.doors import on

app_name = "measures"
urlpatterns = [
    path("measures/", on(get=overview.show), name="home"),
    path("measures/tickets", on(get=listing.show), name="tickets"),
    path("measures/comparison", on(get=comparison.show), name="comparison"),
    path("measures/exports", on(post=export.create), name="exports"),
    path("measures/people", on(get=people.show, post=people.create), name="people"),
    path("measures/people/removal", on(post=people.destroy), name="people-removal"),
]
