"""Brings the history of other desks in: files become rows, rows become events, names become ids of this desk."""
