"""A drawn picture where a demo needs a photo: a red extinguisher on a wall. Nobody and no place is shown."""

from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (640, 480)


def extinguisher() -> tuple[BytesIO, int]:
    """The picture and its size in bytes."""
    image = Image.new("RGB", SIZE, "#e9e4da")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 380, 640, 480), fill="#b9b2a4")
    pen.rounded_rectangle((270, 170, 370, 390), radius=36, fill="#c0282d")
    pen.rectangle((300, 130, 340, 175), fill="#333333")
    pen.line((340, 150, 400, 190, 400, 300), fill="#333333", width=12)
    pen.rectangle((288, 240, 352, 310), fill="#f4f0e6")
    kept = BytesIO()
    image.save(kept, "JPEG", quality=80)
    size = kept.tell()
    kept.seek(0)
    return kept, size
