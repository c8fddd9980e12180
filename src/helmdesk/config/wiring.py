"""Who listens to what: the one page where higher rooms hear of what happened below them."""


def connect() -> None:
    """Names every listener; called once when the app is ready."""
    from helmdesk.calendars import uses
    from helmdesk.calendars.facts import CalendarPublished
    from helmdesk.exchange.imports import forgetting
    from helmdesk.foundation.announce import listen_within
    from helmdesk.people.facts import PeopleLeft
    from helmdesk.providers import teams
    from helmdesk.service_levels import keeping as clocks
    from helmdesk.service_levels import retiming
    from helmdesk.service_levels.facts import LevelPublished
    from helmdesk.tickets import leaving
    from helmdesk.tickets.facts import TicketsChanged
    from helmdesk.tickets.search import keeping

    listen_within(TicketsChanged, clocks.keep)
    listen_within(LevelPublished, retiming.level_published)
    listen_within(CalendarPublished, retiming.calendar_published)
    uses.tell_by(teams.uses_of_calendar)
    uses.tell_by(retiming.uses_of_calendar)
    listen_within(PeopleLeft, leaving.queue)
    listen_within(TicketsChanged, keeping.queue)
    listen_within(TicketsChanged, forgetting.forget)
