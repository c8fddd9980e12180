"""Who listens to what: the one page where higher rooms hear of what happened below them."""


def connect() -> None:
    """Names every listener; called once when the app is ready."""
    from helmdesk.exchange.imports import forgetting
    from helmdesk.foundation.announce import listen_within
    from helmdesk.tickets.facts import TicketsChanged
    from helmdesk.tickets.search import keeping

    listen_within(TicketsChanged, keeping.queue)
    listen_within(TicketsChanged, forgetting.forget)
