"""What missions are instructed to do, State by State, how far each is, and who is reminded of it.

An instruction is one row for its party. Each mission and State under it is an activity that goes its usual way; the
task between the two says what lies before the delivery: acknowledged, appointment asked for.
"""
