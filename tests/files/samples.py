"""Small true files of each kind, made by the libraries that read them, and ways to spoil them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pikepdf
import pytest
from PIL import Image

from crm.files.intake import check
from crm.files.rules import FileRefused

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = f'<Types><Override PartName="/word/document.xml" ContentType="{WORD}"/></Types>'
RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'


def archive(members: dict[str, bytes | str]) -> bytes:
    """A ZIP archive of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in members.items():
            made.writestr(name, body)
    return target.getvalue()


def docx(more: dict[str, bytes | str] | None = None, types: str = TYPES) -> bytes:
    """A Word document, with further members."""
    plain: dict[str, bytes | str] = {
        "[Content_Types].xml": types,
        "_rels/.rels": RELS.format(""),
        "word/document.xml": "<w:document/>",
    }
    return archive({**plain, **(more or {})})


def odt(more: dict[str, bytes | str] | None = None) -> bytes:
    """An OpenDocument text."""
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": "<office:document-content/>",
            "META-INF/manifest.xml": "<manifest/>",
            **(more or {}),
        }
    )


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    """A picture in one colour."""
    target = io.BytesIO()
    Image.new("RGB", size, (20, 90, 160)).save(target, form, **options)  # type: ignore[arg-type]
    return target.getvalue()


def pdf(
    *,
    packed: bool = False,
    script: str = "",
    inside: bytes = b"",
    password: str = "",
    prepare: Callable[[pikepdf.Pdf], None] | None = None,
) -> bytes:
    """A PDF of one page; `packed` keeps its objects in object streams, `prepare` changes it before it is saved."""
    made = pikepdf.new()
    made.add_blank_page()
    if script:
        action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(script))
        made.Root.OpenAction = made.make_indirect(action)
    if inside:
        made.attachments["inside.bin"] = inside
    if prepare:
        prepare(made)
    target = io.BytesIO()
    modes = pikepdf.ObjectStreamMode
    lock = pikepdf.Encryption(owner=password, user=password) if password else None
    made.save(target, object_stream_mode=modes.generate if packed else modes.disable, encryption=lock or False)
    return target.getvalue()


def mail(*files: tuple[str, bytes], text: str = "They will think about it.") -> bytes:
    """A mail with these files in it."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Tashi <desk@example.org>", "officer@example.org", "Your démarche"
    made["Date"] = "Mon, 2 Nov 2026 10:00:00 +0600"
    made.set_content(text)
    for name, content in files:
        if name.endswith(".txt"):
            made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
            made.get_payload()[-1].replace_header("Content-Type", 'text/plain; charset="iso-8859-1"')  # type: ignore[union-attr, index]
        else:
            made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def read(content: bytes) -> EmailMessage:
    """A mail as the library reads it."""
    return BytesParser(policy=policy.default).parsebytes(content)


def refused(content: bytes, name: str = "a.pdf") -> str:
    """Why such a file is not taken in; fails when it is."""
    with pytest.raises(FileRefused) as caught:
        check(content, name)
    return str(caught.value)
