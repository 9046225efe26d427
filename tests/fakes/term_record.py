"""The database's own record of who wrote in which term, kept by triggers of the tests.

It says of each write to a fenced table which term there was, whose, and who wrote, and of each term
when it began, by the database's clock.
"""

from __future__ import annotations

from tests.fakes.databases import PostgresDatabases

_RECORD = """
CREATE TABLE written (at timestamptz, into_ text, term bigint, holder text, by text);
CREATE TABLE led (at timestamptz, term bigint, holder text, leader text);
CREATE FUNCTION note_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO written
        SELECT clock_timestamp(), TG_TABLE_NAME, term, holder, current_setting('application_name')
        FROM twentythree_lead
        -- What tests write themselves (databases.NAME) is nobody's.
        WHERE current_setting('application_name') <> 'tests';
    RETURN NULL;
END $$;
CREATE FUNCTION note_leader() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO led VALUES (clock_timestamp(), NEW.term, NEW.holder, NEW.leader);
    RETURN NULL;
END $$;
CREATE TRIGGER note_leader AFTER UPDATE ON twentythree_lead
    FOR EACH ROW WHEN (OLD.term <> NEW.term OR OLD.holder <> NEW.holder)
    EXECUTE FUNCTION note_leader();
DO $$
DECLARE fenced regclass;
BEGIN
    FOR fenced IN SELECT tgrelid FROM pg_trigger WHERE tgname = 'twentythree_fence' LOOP
        EXECUTE format('CREATE TRIGGER note_writer AFTER INSERT OR UPDATE OR DELETE ON %s'
            ' FOR EACH STATEMENT EXECUTE FUNCTION note_writer()', fenced);
    END LOOP;
END $$;
"""
# Of each, what it finds is wrong.
_WRONGS = {
    "one wrote in another's term": (
        "SELECT DISTINCT format('%s in term %s of %s: %s', by, term, holder, into_) FROM written"
        " WHERE by <> 'twentythree-' || holder"
    ),
    "several wrote in one term": (
        "SELECT format('term %s: %s', term, string_agg(DISTINCT by, ', ')) FROM written"
        " GROUP BY term HAVING count(DISTINCT by) > 1"
    ),
    "it wrote when the next term had begun": (
        "SELECT DISTINCT format('%s in term %s: %s', by, written.term, into_)"
        " FROM written JOIN led ON led.term = written.term + 1"
        " WHERE written.at > led.at"
    ),
    "a term has several leaders": (
        "SELECT format('term %s: %s', term, count(*)) FROM led GROUP BY term HAVING count(*) > 1"
    ),
    "somebody leads twice": (
        "SELECT format('%s: %s', holder, count(*)) FROM led GROUP BY holder HAVING count(*) > 1"
    ),
    "a term came before the one before it": (
        "SELECT format('term %s', one.term) FROM led one JOIN led other"
        " ON one.term > other.term AND one.at < other.at"
    ),
}


def keep_record(postgres: PostgresDatabases, address: str) -> None:
    """Begin the record in a database that has its tables."""
    postgres.run(address, _RECORD, "SELECT 1")


def terms_written(postgres: PostgresDatabases, address: str) -> list[int]:
    """Return the terms in which something was written; each by its leader alone."""
    assert wrong_writes(postgres, address) == []
    return list(postgres.run(address, "SELECT DISTINCT term FROM written ORDER BY term"))


def wrong_writes(postgres: PostgresDatabases, address: str) -> list[str]:
    """Return what the record says against there being one leader at a time, a sentence each."""
    return [
        f"{words}: {found}"
        for words, query in _WRONGS.items()
        for found in postgres.run(address, query)
    ]
