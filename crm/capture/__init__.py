"""Floor 6: mail that was forwarded to a party waits here until a person makes an entry of it."""
