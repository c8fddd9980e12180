"""The pages of those who ask for help: what do you need, and what became of it."""
