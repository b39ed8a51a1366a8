"""The demonstration: a building company with its people, contacts, phones and a year of use."""
