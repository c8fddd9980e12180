"""Working calendars: when a party works, with every day written out, in versions that never change."""
