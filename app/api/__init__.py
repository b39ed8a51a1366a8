"""JSON for the organisation's own websites."""
