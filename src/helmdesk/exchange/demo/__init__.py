"""The demo company: invented people, services and half a year of tickets, the same for the same seed."""
