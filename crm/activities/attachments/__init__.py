"""Documents, pictures and mails kept with an activity."""
