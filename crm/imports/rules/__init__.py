"""What cells mean, decided on texts alone. Pure."""
