"""Hard use: the real server under phones, writers and an import, and killed under them."""
