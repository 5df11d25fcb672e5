"""What may be taken in, decided on bytes and names alone. Pure."""

from crm.files.rules.archives import check_document
from crm.files.rules.kinds import FileRefused, Kind, kind_of
from crm.files.rules.limits import MOST_BYTES, MOST_BYTES_IN_WORDS, MOST_PER_DAY, in_words
from crm.files.rules.mails import files_in
from crm.files.rules.names import ending, plain_name
from crm.files.rules.pdfs import check_pdf
from crm.files.rules.texts import check_text

__all__ = [
    "MOST_BYTES",
    "MOST_BYTES_IN_WORDS",
    "MOST_PER_DAY",
    "FileRefused",
    "Kind",
    "check_document",
    "check_pdf",
    "check_text",
    "ending",
    "files_in",
    "in_words",
    "kind_of",
    "plain_name",
]
