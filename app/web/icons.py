"""The icons in use, and how static/icons.svg is cut from Tabler's sprite.

npm pack @tabler/icons-sprite@3.48.0 && tar xzf tabler-icons-sprite-3.48.0.tgz
python -m app.web.icons package/dist/tabler-sprite.svg
"""

import re
import sys
from pathlib import Path

SPRITE = Path(__file__).parents[2] / "static" / "icons.svg"
ICONS = (
    "address-book",
    "alert-triangle",
    "arrow-back-up",
    "arrow-left",
    "arrow-right",
    "ban",
    "books",
    "brand-android",
    "brand-apple",
    "briefcase",
    "calendar",
    "check",
    "chevron-down",
    "chevron-right",
    "circle-check",
    "circle-dashed",
    "clipboard-copy",
    "clock",
    "copy",
    "crown",
    "device-laptop",
    "device-mobile",
    "device-mobile-off",
    "dots",
    "download",
    "edit",
    "eye",
    "eye-off",
    "file-import",
    "filter",
    "hand-stop",
    "help-circle",
    "history",
    "home",
    "hourglass",
    "info-circle",
    "key",
    "lock",
    "lock-open",
    "logout",
    "mail",
    "map-pin",
    "message",
    "minus",
    "phone",
    "photo",
    "plus",
    "refresh",
    "scale",
    "search",
    "star",
    "tag",
    "upload",
    "user-check",
    "user-circle",
    "user-minus",
    "user-off",
    "user-plus",
    "users",
    "users-group",
    "wifi-off",
    "world",
    "x",
)
_NOTICE = "<!-- Tabler Icons 3.48.0, https://tabler.io/icons, MIT; cut by app/web/icons.py -->"
_SYMBOL = r'<symbol id="tabler-{}" .*?</symbol>'
_INVISIBLE = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'


def cut(sprite: str, names: tuple[str, ...] = ICONS) -> str:
    """The sprite with these icons only. Raises LookupError for one that it does not have."""
    lines = ['<svg xmlns="http://www.w3.org/2000/svg">', _NOTICE]
    for name in names:
        found = re.search(_SYMBOL.format(re.escape(name)), sprite, re.DOTALL)
        if found is None:
            raise LookupError(f"there is no icon {name!r}")
        lines.append(found[0].replace(_INVISIBLE, ""))
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":  # pragma: no cover - run by hand when the list changes
    SPRITE.write_text(cut(Path(sys.argv[1]).read_text(encoding="utf-8")), encoding="utf-8")
