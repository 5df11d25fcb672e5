"""At what time an approach that is to come is made, and who is invited to it by mail (iTIP, RFC 5546)."""
