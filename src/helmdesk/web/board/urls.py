"""The routes of the board."""

from django.urls import path

from helmdesk.web.board import lists, show

app_name = "board"
urlpatterns = [
    path("board/", show.show, name="home"),
    path("board/<slug:kind>", lists.show, name="list"),
]
