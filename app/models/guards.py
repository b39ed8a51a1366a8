"""The triggers that keep proof as it was: rows that nobody changes or deletes, by whatever way."""

from dataclasses import dataclass

from app.db import Base

_ROW_LEAVES, _TABLE_EMPTIED = 27, 34
"""pg_trigger.tgtype of BEFORE UPDATE OR DELETE for each row, of BEFORE TRUNCATE."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A table whose rows stay as they are once `frozen` (SQL about OLD) holds of them.

    `blankable` are texts about a person, which may become empty and nothing else. `free` may
    change, unless `never` (SQL about OLD and NEW) holds.
    """

    table: str
    frozen: str = ""
    blankable: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    never: str = ""

    @property
    def name(self) -> str:
        """The name of its triggers begins with this."""
        return f"keep_{self.table}"

    @property
    def words(self) -> str:
        """What a writer is told."""
        return f"{self.table} is proof: it is only ever added to"


BLANKABLE = ("point_value", "page", "ip", "user_agent")
ASKED = ("words", "email")

GUARDS: tuple[Guard, ...] = (
    Guard("consent_event", blankable=BLANKABLE),
    Guard("event_evidence"),
    Guard("subject_request", blankable=ASKED, free=("wanted", "subject_id")),
    Guard("request_step"),
    Guard("consent_form"),
    Guard("suppression", free=("ended_at", "ended_why"), never="OLD.ended_at IS NOT NULL"),
    Guard(
        "stop_doubt",
        free=("answered_by_id", "answered_at", "is_agreed"),
        never="OLD.answered_at IS NOT NULL",
    ),
    Guard(
        "notice_version",
        frozen="OLD.state <> 'draft'",
        free=("state", "retired_at"),
        never="NEW.state = 'draft' OR OLD.state = 'retired'",
    ),
)


def sqlite_triggers() -> dict[str, str]:
    """Name and text of each."""
    found: dict[str, str] = {}
    for guard in GUARDS:
        stop = f"BEGIN SELECT RAISE(ABORT, '{guard.words}'); END"
        changed = _changed(guard, "{row}.{column}", "IS NOT")
        update = f"({guard.frozen}) AND ({changed})" if guard.frozen else changed
        delete = f" WHEN {guard.frozen}" if guard.frozen else ""
        name, table = guard.name, guard.table
        found |= {
            f"{name}_update": f'CREATE TRIGGER "{name}_update" BEFORE UPDATE ON "{table}" '
            f"WHEN {update} {stop}",
            f"{name}_delete": f'CREATE TRIGGER "{name}_delete" BEFORE DELETE ON "{table}"'
            f"{delete} {stop}",
        }
    return found


def postgres_expected() -> dict[str, str]:
    """Name and text of each, as the database tells them: what fires it, and what it does."""
    found = {}
    for guard in GUARDS:
        body = _postgres_body(guard)
        found[guard.name] = f"{_ROW_LEAVES} {body}"
        found[f"{guard.name}_truncate"] = f"{_TABLE_EMPTIED} {body}"
    return found


def postgres_statements() -> list[str]:
    """What creates or replaces them all."""
    found = []
    for guard in GUARDS:
        name, table = guard.name, guard.table
        run = f"EXECUTE FUNCTION {name}()"
        row = f'BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW'
        emptied = f'BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT'
        body = f"LANGUAGE plpgsql AS $body${_postgres_body(guard)}$body$"
        found += [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger {body}",
            f"CREATE OR REPLACE TRIGGER {name} {row} {run}",
            f"CREATE OR REPLACE TRIGGER {name}_truncate {emptied} {run}",
        ]
    return found


def _changed(guard: Guard, spelling: str, differs: str) -> str:
    """SQL that holds where an update changes what may not change."""

    def both(column: str) -> str:
        old, new = (spelling.format(row=row, column=column) for row in ("OLD", "NEW"))
        return f"{old} {differs} {new}"

    columns = Base.metadata.tables[guard.table].columns.keys()
    kept = [c for c in columns if c not in {*guard.blankable, *guard.free}]
    parts = [both(column) for column in kept]
    parts += [f"({both(column)} AND NEW.{column} <> '')" for column in guard.blankable]
    return " OR ".join([*parts, *([guard.never] if guard.never else [])])


def _postgres_body(guard: Guard) -> str:
    stop = f"RAISE EXCEPTION '{guard.words}' USING ERRCODE = 'restrict_violation';"
    # Two values of type json cannot be compared, their texts can.
    changed = _changed(guard, "{row}.{column}::text", "IS DISTINCT FROM")
    frozen = guard.frozen or "TRUE"
    return f"""
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    {stop}
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF {frozen} THEN {stop} END IF;
    RETURN OLD;
  END IF;
  IF ({frozen}) AND ({changed}) THEN {stop} END IF;
  RETURN NEW;
END"""
