"""What the software promises of its reminders, tried on the real thing: parts are killed, stopped and frozen while
reminders fall due, and afterwards three witnesses are compared (`checking`).
"""
