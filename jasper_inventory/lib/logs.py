"""Log formatting that leaves out personal data."""

import logging
import re
from types import TracebackType

# The row or values that PostgreSQL adds to an error, on any number of lines.
_VALUES = re.compile(
    r"\s*^(?:DETAIL|CONTEXT):.*?(?=\n\n(?:The above exception|During handling)|\Z)",
    re.DOTALL | re.MULTILINE,
)


class WithoutValues(logging.Formatter):
    """Formatter that drops values from database errors: they may be names, addresses or codes."""

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return _VALUES.sub("", super().formatException(ei))
