"""The database's own record of who wrote in which term, kept by triggers of the tests."""

from __future__ import annotations

from tests.fakes.databases import PostgresDatabases

# What every bot writes to as it takes comments in, posts them, and acts.
_TABLES = ("notices", "batches", "comments", "trail", "objects")
_RECORD = """
CREATE TABLE written (term bigint, holder text, by text);
CREATE FUNCTION note_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO written
        SELECT term, holder, current_setting('application_name') FROM twentythree_lead;
    RETURN NULL;
END $$;
"""
_ON = (
    "CREATE TRIGGER note_writer AFTER INSERT OR UPDATE OR DELETE ON twentythree_{}"
    " FOR EACH STATEMENT EXECUTE FUNCTION note_writer()"
)


def keep_record(postgres: PostgresDatabases, address: str) -> None:
    """Begin the record in a database that has its tables."""
    postgres.run(address, _RECORD, *map(_ON.format, _TABLES), "SELECT 1")


def terms_written(postgres: PostgresDatabases, address: str) -> list[int]:
    """Return the terms in which something was written; each by its leader alone."""
    strangers = "SELECT count(*) FROM written WHERE by <> 'twentythree-' || holder"
    assert postgres.run(address, strangers) == [0]
    several = "SELECT term FROM written GROUP BY term HAVING count(DISTINCT by) > 1"
    assert postgres.run(address, several) == []
    return list(postgres.run(address, "SELECT DISTINCT term FROM written ORDER BY term"))
