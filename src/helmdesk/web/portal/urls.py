"""The routes of those who ask for help."""

from django.urls import path

from helmdesk.web.portal import home, show
from helmdesk.web.tickets.addresses import know_numbers

know_numbers()

app_name = "portal"
urlpatterns = [
    path("", home.front, name="front"),
    path("help/", home.show, name="home"),
    path("help/requests", home.ask, name="requests"),
    path("help/<number:ticket>", show.show, name="show"),
    path("help/<number:ticket>/messages", show.answer, name="messages"),
    path("help/<number:ticket>/reopening", show.reopen, name="reopening"),
    path("help/<number:ticket>/confirmation", show.confirm, name="confirmation"),
    path("help/<number:ticket>/withdrawal", show.withdraw, name="withdrawal"),
    path("help/<number:ticket>/participants", show.participants, name="participants"),
    path("help/<number:ticket>/participants/removal", show.leave_out, name="participants-removal"),
]
