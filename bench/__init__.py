"""How fast the house is, beside the bare floor it stands on. Printed as tables, never asserted."""
