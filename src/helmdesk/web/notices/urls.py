"""The routes of notices."""

from django.urls import path

from helmdesk.web.notices import notices
from helmdesk.web.setup.doors import on

app_name = "notices"
urlpatterns = [
    path("notices/", on(get=notices.notices), name="home"),
    path("notices/reading", on(post=notices.read), name="reading"),
]
