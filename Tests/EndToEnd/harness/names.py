"""The settings and words of Custos that the tests rely on, each in one place."""

from . import program

# Where Custos keeps things.
JOURNAL = "CUSTOS_JOURNAL__PATH"
CONTROL = "CUSTOS_CONTROL__SOCKET"
STATUS = "CUSTOS_STATUS__LISTEN"
CONFIG = "CUSTOS_CONFIG"
NODE = "CUSTOS_NODE"

# Where it looks.
DOCKER_HOST = "CUSTOS_DOCKER__HOST"
EVERY = "CUSTOS_DEFAULTS__EVERY"
DEATH_WINDOW = "CUSTOS_DOCKER__DEATH_WINDOW"
RESTART_WINDOW = "CUSTOS_DOCKER__RESTART_WINDOW"
START_LIMIT = "CUSTOS_DOCKER__START_LIMIT"
HEAL = "CUSTOS_DOCKER__HEAL"
LOGS = "CUSTOS_DOCKER__LOGS"

# What it tells.
WEBHOOK = "CUSTOS_WEBHOOK__URL"
STDOUT_FORMAT = "CUSTOS_STDOUT__FORMAT"
MAX_PER_MINUTE = "CUSTOS_WEBHOOK__MAX_PER_MINUTE"
WEBHOOK_TIMEOUT = "CUSTOS_WEBHOOK__TIMEOUT"


def webhook(name, url):
    """A named webhook."""
    return {f"CUSTOS_WEBHOOK__{name.upper()}__URL": url}


UNLIMITED = {MAX_PER_MINUTE: "1000000"}
"""No flood limit: every event by itself, none in a digest."""

KINDS = [kind.upper() for kind in program.kinds_by_default()]
"""What runs unless it is switched off."""


def only(*kinds):
    """Nothing but these kinds, of those that run unless they are switched off."""
    return {f"CUSTOS_{kind}": "off" for kind in KINDS if kind not in kinds}


QUIET = only("DOCKER", "FILEFD", "NEIGH", "SOCKSTAT", "UPTIME")
"""Without the checks that a busy machine under the tests would make speak."""

ONLY_DOCKER = only("DOCKER")
"""Without any check of the host: for tests that compare all that was told."""

QUICK = {
    EVERY: "500ms",
    DEATH_WINDOW: "4s",
    RESTART_WINDOW: "20s",
    "CUSTOS_DOCKER__OCCURRENCE_INTERVAL": "0s",
    "CUSTOS_DOCKER__GONE_AFTER": "1",
    **UNLIMITED,
    **QUIET,
}
"""Windows of seconds where people want minutes."""

HEAL_AT_ONCE = {
    HEAL: "true",
    "CUSTOS_DOCKER__HEALING__BUDGET": "2",
    "CUSTOS_DOCKER__HEALING__PAUSE": "1s",
    "CUSTOS_DOCKER__HEALING__GRACE": "0s",
}
"""Healing without the patience that people want."""

# Words in events.
DEATH = "container_death"
RUNNING = "container_running"
HEALTH = "container_health"
RESTARTS = "container_restarts"
OOM = "container_oom"
LABELS = "container_labels"
ENGINE_DATA = "disk_engine_data"
HEAL_RESTART = "container_heal_restart"
HEALING = "container_healing"
MAY_HEAL = "docker_healing"
REACHABLE = "docker_engine_reachable"
CHECK_HEALTH = "check_health"

# Exit codes.
USAGE, UNAVAILABLE, INTERNAL, CANNOT_CREATE, CONFIGURATION = 64, 69, 70, 73, 78


def journal_events(database):
    """Everything that was decided: the journal's events, oldest first, as (id, reason, body text)."""
    return database.execute("SELECT id, reason, body FROM event ORDER BY number").fetchall()


def journal_waiting(database):
    """How many deliveries still wait."""
    return database.execute("SELECT count(*) FROM delivery WHERE state = 'queued'").fetchone()[0]
