"""Service levels judged: what a promise counts, when it pauses, and what became of it on one ticket or on a million.

Pure: no Django, no database. The desk's own clocks, figures, history judged by other rules, and the engine read it.
"""
