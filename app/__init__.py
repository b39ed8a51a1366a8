"""Kustod's own package: policy, ledger, portal and the `kustod` command. It holds no code here."""
