"""What happened, in order, verifiable: events, the texts beside them, seals, and the two doors."""
