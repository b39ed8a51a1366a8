"""The CardDAV door: Radicale embedded, with our own login, storage and reports."""
