"""What a received mail says, decided on bytes and plain values alone. Pure."""
