"""People met, the posts they hold, what one's own party thinks of them, and who turned out to be the same person.

Who holds an office that letters are addressed to is a public fact (`crm.people.models`). Whom somebody met is not:
every record here has an originator and a handling.
"""
