"""One's own notices: what comes due, and what was missed."""
