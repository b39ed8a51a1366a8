"""Commands: plain functions that write, each with its audit row in the same transaction."""
