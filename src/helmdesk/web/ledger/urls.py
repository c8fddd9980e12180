"""The routes of auditors."""

from django.urls import path

from helmdesk.web.ledger import events, verification
from helmdesk.web.setup.doors import on

app_name = "ledger"
urlpatterns = [
    path("ledger/", on(get=events.events), name="home"),
    path("ledger/verifications", on(get=verification.show, post=verification.create), name="verifications"),
]
