"""Floor 1: the outbox. Mail is a row first; a worker hands it to the relay and writes down the answer."""
