"""A large organisation for measurements: planted, and asked for its pages."""
