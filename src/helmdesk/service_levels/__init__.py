"""Promises of time, kept as versions, and what became of them: a row a turn of each clock, notices before and after."""
