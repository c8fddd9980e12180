"""The page of background jobs: what waits, what failed, and what to do about it."""
