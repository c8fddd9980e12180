"""Settings, routes, server and wiring: imports every room, imported by none."""
