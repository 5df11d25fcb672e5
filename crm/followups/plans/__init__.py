"""Plans: steps with intervals that go on State by State, stop at a reply and go on with what was left of a delay."""
