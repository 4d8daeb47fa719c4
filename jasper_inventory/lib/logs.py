"""The lines of the log."""

import logging
import re

# PostgreSQL's next to an error: the row or the values that it refused, of any number of lines.
_VALUES = re.compile(
    r"\s*^(?:DETAIL|CONTEXT):.*?(?=\n\n(?:The above exception|During handling)|\Z)",
    re.DOTALL | re.MULTILINE,
)


class WithoutValues(logging.Formatter):
    """Leaves out what the database says of the values it refused: names, addresses and codes."""

    def formatException(self, ei):
        return _VALUES.sub("", super().formatException(ei))
