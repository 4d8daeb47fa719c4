"""How often something may be done, and how much of it at once."""

from jasper_inventory.settings.environment import env

# Wrong codes (activation codes, group keys, teacher codes): free attempts a day for a browser or
# account, and the wait in seconds after each further attempt, which doubles up to a maximum.
WRONG_CODES_FREE = env.int("WRONG_CODES_FREE", default=10)
CODE_WAIT = max(env.int("CODE_WAIT", default=15), 1)
CODE_LONGEST_WAIT = max(env.int("CODE_LONGEST_WAIT", default=900), CODE_WAIT)
# Wrong codes for a network: a burst, then a rate per second. Above that, its new browsers wait for
# NETWORK_DELAY seconds. A higher rate needs longer codes: docs/decisions/0004-throttling.md.
WRONG_CODES_PER_NETWORK = env.int("WRONG_CODES_PER_NETWORK", default=5000)
WRONG_CODES_PER_SECOND = env.int("WRONG_CODES_PER_SECOND", default=40)
NETWORK_DELAY = env.int("NETWORK_DELAY", default=10)
# New accounts from one IP address; each needs a valid code.
ACCOUNTS_PER_HOUR = env.int("ACCOUNTS_PER_HOUR", default=3000)

# Wrong passwords: for a network or an older browser in a minute, and for an account. Wrong codes of
# second factors: for an account.
WRONG_PASSWORDS_PER_ADDRESS = env.int("WRONG_PASSWORDS_PER_ADDRESS", default=60)
WRONG_PASSWORDS_PER_NAME = env.int("WRONG_PASSWORDS_PER_NAME", default=5)
WRONG_FACTORS_PER_DAY = env.int("WRONG_FACTORS_PER_DAY", default=20)

# Downloads that all web processes, and one person, may write at the same time.
DOWNLOADS_AT_ONCE = env.int("DOWNLOADS_AT_ONCE", default=4)
DOWNLOADS_PER_PERSON = env.int("DOWNLOADS_PER_PERSON", default=2)
# Exports of lists with more rows are written by the worker. How many of them one person may have in
# progress, and for how many hours a file is kept.
EXPORT_ROWS_AT_ONCE = env.int("EXPORT_ROWS_AT_ONCE", default=20_000)
EXPORTS_PER_PERSON = env.int("EXPORTS_PER_PERSON", default=2)
EXPORT_HOURS = env.int("EXPORT_HOURS", default=24)

# Request bodies: the limit exceeds every form of the site, and files are refused.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_HANDLERS = ["jasper_inventory.lib.bodies.NoFilesHandler"]

# Invitation emails that an organization may send in 24 hours.
INVITATIONS_PER_DAY = env.int("INVITATIONS_PER_DAY", default=50)

# Sessions kept for visitors of one network who aren't signed in, such as a school's students who
# enter a code first. Above this, sessions of the browser with the most are dropped.
ANONYMOUS_SESSIONS_PER_ADDRESS = env.int("ANONYMOUS_SESSIONS_PER_ADDRESS", default=500)

# Emails with a teacher code in 24 hours. They are limited because they can go to any address.
TEACHER_CODE_EMAILS_PER_PERSON = env.int("TEACHER_CODE_EMAILS_PER_PERSON", default=60)
TEACHER_CODE_EMAILS_PER_ORGANIZATION = env.int("TEACHER_CODE_EMAILS_PER_ORGANIZATION", default=100)
