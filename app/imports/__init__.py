"""Files into drafts, one record for each card; nothing here knows the database."""
