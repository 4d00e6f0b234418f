"""Stand-ins for payment providers: they send what the real ones send, signed as those sign it."""
