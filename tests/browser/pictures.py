"""Pictures of a page's parts, compared with those kept in the folder pictures/.

`RENEW_PICTURES=1 python -m pytest tests/browser/test_styleguide.py` takes them anew; look at each
before you commit it.
"""

import base64
import os
from pathlib import Path

FOLDER = Path(__file__).parent / "pictures"
# Browsers and machines draw the edges of letters differently. Comparing pictures at a quarter of
# their size averages that. Codes and the symbols of badges are in fonts of the machine.
DIFFERENCE = """async ([kept, taken]) => {
    const scale = 0.25, tolerated = 40;
    const pixels = async (picture) => {
        const data = await (await fetch(`data:image/png;base64,${picture}`)).blob();
        const image = await createImageBitmap(data);
        const canvas = new OffscreenCanvas(image.width * scale, image.height * scale);
        const context = canvas.getContext("2d");
        context.imageSmoothingQuality = "high";
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        const size = [image.width, image.height];
        return [size, context.getImageData(0, 0, canvas.width, canvas.height).data];
    };
    const [[size, before], [newSize, after]] = await Promise.all([kept, taken].map(pixels));
    if (String(size) !== String(newSize)) return `${newSize} pixels instead of ${size}`;
    let differing = 0;
    for (let at = 0; at < before.length; at += 4) {
        const far = (i) => Math.abs(before[at + i] - after[at + i]) > tolerated;
        if ([0, 1, 2].some(far)) differing += 1;
    }
    return differing / (before.length / 4);
}"""
# The share of a picture that may differ: a badge's sign, but not a badge.
MOST = 0.005


def renew(pictures):
    """Keep pictures, {name: PNG}, if RENEW_PICTURES asks for it."""
    if os.environ.get("RENEW_PICTURES"):
        for name, picture in pictures.items():
            (FOLDER / f"{name}.png").write_bytes(picture)


def differences(blank, pictures):
    """Compare pictures, {name: PNG}, with those kept; return {name: what differs}.

    `blank` is an empty page, whose browser compares them.
    """
    found = {}
    for name, picture in pictures.items():
        kept = FOLDER / f"{name}.png"
        if not kept.exists():
            found[name] = "no picture is kept"
            continue
        both = [base64.b64encode(each).decode() for each in (kept.read_bytes(), picture)]
        differs = blank.evaluate(DIFFERENCE, both)
        if isinstance(differs, str) or differs > MOST:
            found[name] = differs
    return found
