"""The desk itself: tickets, threads, the verbs, what is seen of them, search."""
