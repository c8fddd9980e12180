"""Figures of time and count, each defined once, over rows that follow the ledger."""
