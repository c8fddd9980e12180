"""Every route of the desk: each area of `web` brings its own under names like `tickets:show`."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from helmdesk.web.places import home

AREAS = ("account", "tickets", "board", "clocks", "notices", "portal", "setup", "measures", "judging", "ledger", "jobs")
"""Areas that are not built yet are left out."""

urlpatterns: list[URLPattern | URLResolver] = [path("", home, name="home")]
urlpatterns += [
    path("", include(f"helmdesk.web.{area}.urls"))
    for area in AREAS
    if find_spec(f"helmdesk.web.{area}") and find_spec(f"helmdesk.web.{area}.urls")
]

handler400 = "helmdesk.web.errors.bad_request"
handler403 = "helmdesk.web.errors.forbidden"
handler404 = "helmdesk.web.errors.not_found"
handler429 = "helmdesk.web.errors.too_many"
handler500 = "helmdesk.web.errors.our_fault"
