"""Pictures are drawn anew: what is kept shows the same and holds nothing else.

That takes away where and with what a picture was taken, and whatever hangs behind or hides inside it.
"""

from __future__ import annotations

import io
import threading
import warnings

from PIL import Image, ImageOps

from crm.files.rules import FileRefused, Kind

MOST_PIXELS = 25_000_000
"""Of one picture. A telephone takes 12 million; 25 million need about 100 MB of memory while they are drawn."""

_QUALITY = 88
_FORMATS = {Kind.PNG: "PNG", Kind.JPEG: "JPEG"}
_KEPT_MODES = {"PNG": ("1", "L", "LA", "P", "RGB", "RGBA"), "JPEG": ("L", "RGB")}
_one_at_a_time = threading.Lock()


def redrawn(content: bytes, kind: Kind) -> bytes:
    """The picture alone, upright, in the same format; raises FileRefused for what is damaged or too large.

    One at a time in a process, so that several large ones together cannot exhaust its memory.
    """
    form = _FORMATS[kind]
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=(form,)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise FileRefused("The picture has more than 25 million pixels. Make it smaller and try again.")
                return _drawn(picture, form)
    except Image.DecompressionBombError:
        raise FileRefused("The picture has more than 25 million pixels. Make it smaller and try again.") from None
    except FileRefused:
        raise
    except Exception:  # the decoder is foreign code: whatever it says of a picture, it cannot read it
        raise FileRefused("The picture is damaged. Save it anew and try again.") from None


def _drawn(picture: Image.Image, form: str) -> bytes:
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    if upright.mode not in _KEPT_MODES[form]:
        upright = upright.convert("RGBA" if form == "PNG" and "A" in upright.getbands() else "RGB")
    bare = upright.copy()
    bare.info = {key: value for key, value in bare.info.items() if key == "transparency"}
    target = io.BytesIO()
    options = {"quality": _QUALITY, "progressive": True} if form == "JPEG" else {}
    bare.save(target, form, **options)
    return target.getvalue()
