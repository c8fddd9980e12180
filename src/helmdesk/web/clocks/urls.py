"""The routes of one clock: its page, and the evidence."""

from django.urls import path

from helmdesk.web.clocks import show
from helmdesk.web.tickets.addresses import know_numbers

know_numbers()

app_name = "clocks"
urlpatterns = [
    path("tickets/<number:ticket>/clocks/<slug:clock>", show.page, name="show"),
    path("tickets/<number:ticket>/clocks/<slug:clock>.json", show.as_json, name="json"),
    path("tickets/<number:ticket>/clocks/<slug:clock>.pdf", show.as_pdf, name="pdf"),
]
