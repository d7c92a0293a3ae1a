"""Users and groups as files of CSV or JSON Lines: what is written can be read back."""
