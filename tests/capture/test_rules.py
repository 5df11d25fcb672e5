"""What is read of a mail, whatever somebody puts into it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.capture.rules import message as messages
from crm.capture.rules.invitations import invitation_in, moment_of
from crm.capture.rules.message import CANNOT_BE_READ, OUTLOOK_ALONE, TANGLED, Mail, head_alone, read
from crm.capture.rules.pages import without_markup
from crm.capture.rules.proof import vouched_for
from crm.capture.rules.proposing import kind_named, state_of_address, states_named
from crm.capture.rules.texts import MOST_READ
from crm.capture.rules.words import heading, readable

RELAY, SENDER = "mx.demarche.example.org", "officer@mfa.example.org"


@pytest.mark.parametrize(
    "found",
    [
        f"{RELAY}; dmarc=pass (p=reject) header.from=mfa.example.org",
        f"{RELAY.upper()} 1; spf=pass smtp.mailfrom=x@other.example; dmarc=pass header.from=mfa.example.org",
        f"{RELAY};\r\n\tdkim=pass (2048-bit key; unprotected) header.d=mfa.example.org header.i=@mfa.example.org",
        f"{RELAY}; dmarc=none header.from=mfa.example.org; dkim=pass header.i=@mfa.example.org",
        f"{RELAY}; dkim/1 = pass header.i = bounces=a=b@mfa.example.org",
    ],
)
def test_a_sender_is_proven_by_the_trusted_mail_server(found: str) -> None:
    assert vouched_for([found], RELAY, SENDER)


@pytest.mark.parametrize(
    "found",
    [
        "",
        f"{RELAY}; none",
        f"{RELAY}; dmarc=fail header.from=mfa.example.org; dkim=pass header.d=mfa.example.org",
        f"{RELAY}; dmarc=pass header.from=evil.example",
        f"{RELAY}; dmarc=pass header.from=mfa.example.org.evil.example",
        f"{RELAY}; spf=pass smtp.mailfrom=officer@mfa.example.org",
        f"{RELAY}; dkim=pass header.d=example.org",
        f"{RELAY}; dkim=pass header.d=evil.example header.i=@evil.example",
        "mx.evil.example; dmarc=pass header.from=mfa.example.org",
        f"{RELAY}.evil.example; dmarc=pass header.from=mfa.example.org",
        f"({RELAY};) mx.evil.example; dmarc=pass header.from=mfa.example.org",
        f'{RELAY}; spf=fail smtp.mailfrom="a; dmarc=pass header.from=mfa.example.org"@evil.example',
        f"{RELAY}; spf=fail (who says; dmarc=pass header.from=mfa.example.org)",
        f'{RELAY}; spf=fail smtp.mailfrom="a\\"; dmarc=pass header.from=mfa.example.org"@evil.example',
        f"{RELAY}; spf=fail (a \\) ; dmarc=pass header.from=mfa.example.org)",
        f"{RELAY}; spf=pass smtp.mailfrom=a=dkim=pass=header.d=mfa.example.org=x@evil.example; dkim=none; dmarc=none",
        f"{RELAY}; spf=pass smtp.mailfrom=a=dmarc=pass=header.from=mfa.example.org=x@evil.example; dmarc=none",
        f'{RELAY}; dkim=pass header.i="x".header.d=mfa.example.org@evil.example',
        f'{RELAY}; dkim=pass header.i="x"header.d=mfa.example.org"y"@evil.example',
        f"{RELAY}; spf=pass dkim=pass header.d=mfa.example.org",
    ],
)
def test_nothing_else_proves_a_sender(found: str) -> None:
    assert not vouched_for([found], RELAY, SENDER)


def test_two_answers_of_the_same_server_prove_nothing_and_nobody_is_trusted_by_default() -> None:
    good = f"{RELAY}; dmarc=pass header.from=mfa.example.org"
    assert not vouched_for([f"{RELAY}; dmarc=fail header.from=mfa.example.org", good], RELAY, SENDER)
    assert not vouched_for([good, good], RELAY, SENDER)
    assert not vouched_for([good], "", SENDER)
    assert not vouched_for(["; dmarc=pass header.from=mfa.example.org"], "", SENDER)
    assert vouched_for(["mx.elsewhere.example; dmarc=fail", good], RELAY, SENDER)


def _mail(text: str = "Good morning.\n", **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["Subject"] = headers.pop("From", SENDER), headers.pop("Subject", "A call")
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def test_of_a_web_page_only_the_words_are_read() -> None:
    made = EmailMessage()
    made["From"], made["Subject"] = SENDER, "x"
    made.set_content(
        "<html><head><title>t</title><style>p{color:red}</style></head><body><p>One</p><script>alert(1)</script>"
        "<table><tr><td>a</td><td>b</td></tr></table>Two<br>Three <img src='https://evil.example/p.gif'>"
        "<a href='https://evil.example'>here</a> &lt;b&gt;</body></html>",
        subtype="html",
    )
    assert read(made.as_bytes()).text == "One\n\na b\n\nTwo\nThree here <b>"
    assert without_markup("<script>x" * 5 + "</script>after") in ("", "after")
    made.add_alternative("Plain words", subtype="plain")
    assert read(made.as_bytes()).text == "Plain words"


def test_calendars_and_pictures_that_are_not_kept_are_named() -> None:
    made = _mail()
    for number in range(7):
        content = f"BEGIN:VCALENDAR\nX:{number}\nEND:VCALENDAR\n".encode()
        made.add_attachment(content, maintype="text", subtype="calendar", filename=f"{number}.ics")
    made.add_attachment(b"B" * 600_000, maintype="text", subtype="calendar", filename="large.ics")
    for name in ("talk.png", None):
        made.add_attachment(
            b"\x89PNG", maintype="image", subtype="png", filename=name, cid="<a@b>", disposition="inline"
        )
    found = read(made.as_bytes())
    assert [one.name for one in found.calendars] == [f"{number}.ics" for number in range(5)]
    assert found.left_out == [
        ("5.ics", messages.ANOTHER_CALENDAR), ("6.ics", messages.ANOTHER_CALENDAR),
        ("large.ics", messages.CALENDAR_TOO_LARGE), ("talk.png", messages.OF_THE_LAYOUT),
    ]  # fmt: skip


def test_an_invitation_says_what_of_it_is_not_read() -> None:
    people = "".join(f"ATTENDEE:mailto:p{number}@example.org\r\n" for number in range(75))
    event = "BEGIN:VEVENT\r\nUID:{}\r\nDTSTART:20261124T090000Z\r\nSUMMARY:Talk\r\n{}END:VEVENT\r\n"
    long = f"DESCRIPTION:{'x' * 10_001}\r\n"
    both = event.format(1, people + long) + event.format(1, "") + event.format(2, "")
    found = invitation_in(f"BEGIN:VCALENDAR\r\n{both}END:VCALENDAR\r\n".encode())
    assert (
        found
        and len(found.people) == 60
        and found.unread
        == (
            "It holds 2 events; the first one is read.",
            "It names 75 people; the first 60 are read.",
            "Its description is longer than what is kept of one (10,000 characters).",
        )
    )
    one = invitation_in(f"BEGIN:VCALENDAR\r\n{event.format(1, '')}END:VCALENDAR\r\n".encode())
    assert one and one.unread == ()


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Content-Type: text/plain; charset=iso-8859-15\n\nR\xe9ponse \xa4", "Réponse €"),
        (b"Content-Type: text/plain; charset=nobody-knows\n\nR\xc3\xa9ponse", "Réponse"),
        (b"Content-Type: text/plain; charset=utf-8\n\nR\xe9ponse du minist\xe8re", "Réponse du ministère"),
        ("Content-Type: text/plain; charset=utf-8\n\nA\u202eB\u200b\x07C\u2028D".encode(), "ABC\nD"),
    ],
)
def test_text_is_decoded_as_it_was_meant_and_made_plain(raw: bytes, text: str) -> None:
    assert read(b"From: a@example.org\nMIME-Version: 1.0\n" + raw).text == text


def test_headings_are_decoded_and_stay_on_one_line() -> None:
    assert heading("=?utf-8?Q?R=C3=A9ponse?= =?iso-8859-1?Q?_du_minist=E8re?=") == "Réponse du ministère"
    assert heading("=?utf-8?B?4oCuZ25w?=") == "gnp"
    assert heading("=?nobody?Q?x?=") and heading("a\r\nBcc: b") == "a Bcc: b"
    assert len(heading("x" * 100_000)) == 300


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"Precedence": "Bulk"}, {"List_Id": "<l.example.org>"},
        {"List_Unsubscribe": "<mailto:x@example.org>"}, {"X_Auto_Response_Suppress": "All"}, {"Return_Path": "<>"},
        {"X_Autoreply": "yes"},
    ],
)  # fmt: skip
def test_what_a_program_sent_is_known(headers: dict[str, str]) -> None:
    assert read(_mail(**headers).as_bytes()).automatic
    assert not read(_mail(Auto_Submitted="no").as_bytes()).automatic


def test_exactly_one_sender_or_nobody() -> None:
    assert read(_mail(From="Name <a@example.org>").as_bytes()).sender == "a@example.org"
    assert read(_mail(From='"officer@mfa.example.org" <a@evil.example>').as_bytes()).sender == "a@evil.example"
    twice = b"From: a@example.org\nFrom: b@example.org\n\nx"
    assert read(twice).sender == read(b"From: a@example.org, b@example.org\n\nx").sender == read(b"\nx").sender == ""


def test_files_are_found_and_what_cannot_be_read_is_said() -> None:
    made = _mail()
    made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="../../note\u202e.pdf")
    made.add_attachment(b"x", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    made.add_attachment(b"x", maintype="application", subtype="pgp-signature", filename="signature.asc")
    found = read(made.as_bytes())
    assert [one.content for one in found.files] == [b"%PDF-1.4"]
    assert found.left_out == [("winmail.dat", OUTLOOK_ALONE)]
    locked = b"From: a@example.org\nContent-Type: multipart/encrypted; boundary=b\n\n--b\n\nx\n--b--\n"
    assert read(locked).left_out == [("The message", CANNOT_BE_READ)]


def test_there_are_no_more_files_than_an_entry_holds() -> None:
    made = _mail()
    for number in range(messages.MOST_FILES + 5):
        made.add_attachment(b"x", maintype="application", subtype="octet-stream", filename=f"{number}.txt")
    found = read(made.as_bytes())
    assert len(found.files) == messages.MOST_FILES and len(found.left_out) == 5


def test_a_mail_that_was_forwarded_whole_is_read_and_its_writer_proposed() -> None:
    inner = _mail(
        "The minister agrees.\n", From="Director <director@mfa.gov.bt>", Date="Thu, 19 Nov 2026 08:00:00 +0600"
    )
    outer = _mail("See below.\n")
    outer.add_attachment(inner)
    found = read(outer.as_bytes())
    assert "See below." in found.text and "The minister agrees." in found.text
    assert found.forwarded and found.forwarded.address == "director@mfa.gov.bt"
    assert found.forwarded.sent_at == datetime(2026, 11, 19, 2, tzinfo=UTC)
    assert found.sender == SENDER
    within = "FYI\n\n---- Forwarded ----\nFrom: Director <director@mfa.gov.bt>\nDate: Thu, 19 Nov 2026 08:00:00 +0600\n"
    inline = read(_mail(within).as_bytes()).forwarded
    assert inline == found.forwarded


def test_of_what_is_tangled_the_first_parts_are_read_and_the_rest_is_said_to_be_left_out() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(60))
    wide = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 1_000
    for raw, text in ((deep, ""), (deep * 10, ""), (wide, "x\n\nx"), (b"\nFirst\n" + b"\n" * 2_000_000, "First")):
        found = read(b"From: a@example.org\n" + raw)
        assert found.sender == "a@example.org" and found.text.startswith(text)
        assert ("The rest of the mail", TANGLED) in found.left_out


@pytest.mark.parametrize(
    ("raw", "sender", "text"),
    [
        (b"From: a@example.org\n\n" + b"A talk about the boundary of both States.\n" * 500, "a@example.org", "A talk"),
        (b"From: a@example.org\nContent-Type: text/html\n\n<![foo]>Words<!foo>, all<?x> of them", "a@example.org",
         "Words, all of them"),
        (b"From: a@example.org\nContent-Type: text/plain; charset*=utf-8''utf-8\n\nR\xc3\xa9ponse", "a@example.org",
         "R\u00e9ponse"),
        (b"From: a@example.org\nContent-Type: text/plain; charset*=a'b'%00\n\nR\xc3\xa9ponse", "a@example.org",
         "R\u00e9ponse"),
        (b"From: " + b"(" * 1_500 + b"\n\nWords", "", "Words"),
    ],
)  # fmt: skip
def test_what_is_written_oddly_is_read_nonetheless(raw: bytes, sender: str, text: str) -> None:
    found = read(raw)
    assert found.sender == sender and found.text.startswith(text) and found.left_out == []


@given(st.binary(max_size=2_000))
def test_whatever_comes_is_read(raw: bytes) -> None:
    heads = (b"", b"From: a@b.example\nSubject: =?utf-8?Q?", b"Content-Type: multipart/mixed; boundary=a\n\n--a\n")
    for content in [head + raw for head in heads]:
        found = read(content)
        assert readable(found.text) == found.text and "\n" not in found.subject
        assert Mail.of_json(json.loads(json.dumps(found.as_json()))).as_json() == found.as_json()
        head_alone(content)


PIECES = ["<", ">", "</", "a", "p", "!--", "-->", "=", '"', "'", " ", "script", "svg", "/", "&#", "x"]


@given(st.lists(st.sampled_from(PIECES)))
def test_of_any_page_the_words_are_heard(pieces: list[str]) -> None:
    page = "".join(pieces)
    assert "Words" in without_markup("Words " + page)


@pytest.mark.parametrize("year", ["9999", "0001", "1969", "2101"])
def test_what_lies_outside_our_time_is_no_day_of_a_meeting_or_a_mail(year: str) -> None:
    for begins in (f"{year}1231T235959Z", f"{year}0101T000000"):
        assert invitation_in(INVITATION.replace("20261202T100000", begins).encode()) is None
    ends = invitation_in(INVITATION.replace("20261202T110000", f"{year}1231T235959").encode())
    assert ends and ends.ends == ""
    sent_at = read(f"Date: 1 Jul {year} 23:59:59 -1200\n\nx".encode()).sent_at
    assert sent_at is None or (year, sent_at.year) == ("0001", 2001)  # as RFC 5322 reads years of few figures
    assert moment_of(f"{year}-12-31T23:59:59-12:00") is None


INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Asia/Thimphu
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0600
TZOFFSETTO:+0600
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.org
DTSTART;TZID=Asia/Thimphu:20261202T100000
DTEND;TZID=Asia/Thimphu:20261202T110000
SUMMARY:Call on the Foreign Ministry of Bhutan
LOCATION:Thimphu\\, Gyalyong Tshogkhang
DESCRIPTION:Second floor
ORGANIZER;CN=Officer:mailto:officer@mfa.example.org
ATTENDEE;CN="Director, Legal":MAILTO:Director@mfa.gov.bt
ATTENDEE:mailto:second@mfa.gov.bt
RRULE:FREQ=SECONDLY;COUNT=100000000
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_an_invitation_says_when_in_its_zone_where_and_who() -> None:
    found = invitation_in(INVITATION.encode())
    assert found is not None
    assert (found.begins, found.ends) == ("2026-12-02T10:00:00+06:00", "2026-12-02T11:00:00+06:00")
    assert found.zone == "Asia/Thimphu" and found.place == "Thimphu, Gyalyong Tshogkhang"
    assert [one.name or one.address for one in found.people] == ["Director, Legal", "second@mfa.gov.bt"]
    assert found.people[0].address == "director@mfa.gov.bt" and found.organizer and found.organizer.name == "Officer"
    assert not found.cancelled and moment_of(found.begins) == datetime(2026, 12, 2, 4, tzinfo=UTC)


def test_whole_days_floating_times_and_what_was_called_off() -> None:
    day = INVITATION.replace("DTSTART;TZID=Asia/Thimphu:20261202T100000", "DTSTART;VALUE=DATE:20261202")
    found = invitation_in(day.replace("DTEND;TZID=Asia/Thimphu:20261202T110000\r\n", "").encode())
    assert found and (found.begins, found.zone, found.ends) == ("2026-12-02", "", "")
    floating = INVITATION.replace(";TZID=Asia/Thimphu", "")
    found = invitation_in(floating.encode())
    assert found and found.begins == "2026-12-02T10:00:00"
    found = invitation_in(INVITATION.replace("METHOD:REQUEST", "METHOD:CANCEL").encode())
    assert found and found.cancelled
    universal = invitation_in(INVITATION.replace(";TZID=Asia/Thimphu", "").replace("T100000", "T100000Z").encode())
    assert universal and universal.zone == "UTC"


@given(st.binary(max_size=500))
def test_what_is_no_invitation_is_none(content: bytes) -> None:
    assert invitation_in(content) is None
    invitation_in(INVITATION.encode()[:400] + content + INVITATION.encode()[400:])


NAMES = {"guinea": "GIN", "papua new guinea": "PNG", "lao pdr": "LAO", "chad": "TCD", "cote divoire": "CIV"}


def test_states_are_found_by_their_names_the_longest_first() -> None:
    texts = ["Papua New Guinea and Côte d’Ivoire", "CHAD, again Guinea"]
    assert states_named(texts, NAMES) == ("PNG", "CIV", "TCD", "GIN")
    assert states_named(["Chadwick can per are and"], NAMES) == ()


def test_an_official_address_tells_its_state_and_another_does_not() -> None:
    endings = {"BT": "BTN", "GB": "GBR", "TV": "TUV"}
    assert state_of_address("a@mfa.gov.bt", endings) == "BTN"
    assert state_of_address("a@fcdo.gov.uk", endings) == "GBR"
    assert state_of_address("a@show.tv", endings) == state_of_address("", endings) == ""


def test_a_kind_is_proposed_where_it_is_named() -> None:
    labels = {"regional_workshop": "Regional workshop", "demarche": "Démarche"}
    assert kind_named(["Fwd: Regional Workshop in Suva"], labels) == "regional_workshop"
    assert kind_named(["our demarche of today"], labels) == "demarche" and kind_named(["workshops"], labels) == ""


def test_days_are_days() -> None:
    assert messages.day_of("Fri, 20 Nov 2026 09:15:00 +0900") == datetime(2026, 11, 20, 0, 15, tzinfo=UTC)
    assert messages.day_of("soon") is None and messages.day_of(None) is None


def test_a_long_text_is_kept_whole_and_one_without_end_says_what_is_missing() -> None:
    end = ("The end of the text", "It is longer than what is kept of a mail.")
    long = read(_mail("Word. " * 50_000 + "End.\n").as_bytes())
    assert long.text.endswith("End.") and long.left_out == []
    endless = read(_mail("Word. " * 200_000).as_bytes())
    assert len(endless.text) <= MOST_READ and endless.left_out == [end]
    page = EmailMessage()
    page.set_content("<p>Word.</p>" * 200_000, subtype="html")
    assert read(page.as_bytes()).left_out == [end]
