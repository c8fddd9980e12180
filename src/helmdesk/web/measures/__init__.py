"""Figures: each chart answers a question, each number opens the tickets behind it."""
