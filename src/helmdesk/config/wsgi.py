"""Pages, for the thread pool of the server."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
