"""Readers. `contacts` is the only one that reads contact rows for the doors."""
