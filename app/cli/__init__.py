"""The `kustod` command: one module a group of commands, each over services and queries."""
