"""The reader of environment variables, and the kind of site that this is."""

from pathlib import Path

from jasper_inventory.lib.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = Environment()
env.read_env(str(BASE_DIR / ".env"))

# The demo runs as in production, with error pages and compressed static files, but without TLS
# and an email server, as in development.
DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False) and not DEMO
IS_LOCAL = DEBUG or DEMO
