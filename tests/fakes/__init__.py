"""Remote systems as real HTTP servers on loopback; each can be told to misbehave."""
