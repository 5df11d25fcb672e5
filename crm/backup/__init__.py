"""Floor 8: the whole database as one sealed file, and back.

What is in the file: a first line that says by what it is sealed, then an age stream (age-encryption.org/v1) of parts
(`parts`). SQLite gives one part, the file of the database; PostgreSQL one for each table, as COPY writes it, all of one
moment.
"""
