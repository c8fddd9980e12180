"""History judged by other rules: what attainment would have been, without touching the clocks that run."""
