"""Floor 6½: the spreadsheets that people kept before: read, looked through, taken over, taken back."""
