"""Foreign logs to events and holder intervals; the one fold to a ticket's state. Pure: no Django, no database."""
