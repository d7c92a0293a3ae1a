"""Measurements side by side: ours, a limit and a peer, in one run (`python -m bench`)."""
