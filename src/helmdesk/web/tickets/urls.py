"""The routes where tickets are worked."""

from django.urls import path

from helmdesk.web.tickets import (
    acts,
    ending,
    exclusions,
    files,
    keeping,
    narrowing,
    new,
    passing,
    queue,
    relations,
    rewording,
    search,
    show,
    sorting,
    waits,
)
from helmdesk.web.tickets.addresses import know_numbers

FORMS = (
    *passing.FORMS,
    *waits.FORMS,
    *exclusions.FORMS,
    *ending.FORMS,
    *sorting.FORMS,
    *relations.FORMS,
    *keeping.FORMS,
    *rewording.FORMS,
)

know_numbers()

app_name = "tickets"
urlpatterns = [
    path("tickets/", queue.show, name="queue"),
    path("tickets/narrowing", narrowing.show, name="narrowing"),
    path("tickets/new", new.page, name="new"),
    path("tickets/<number:ticket>", show.show, name="show"),
    path("tickets/<number:ticket>/messages", show.say, name="messages"),
    *(path(f"tickets/<number:ticket>/{form.noun}", acts.page(form), name=form.name()) for form in FORMS),
    path("files/<number:attachment>/picture", files.picture, name="picture"),
    path("files/<number:attachment>/<str:name>", files.download, name="file"),
    path("search", search.show, name="search"),
]
