"""``deploy/``, as far as it can be looked at without systemd and Docker."""

from __future__ import annotations

import re
import shlex
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.__main__ import _parser
from bot.settings import HostSettings
from cogs.twentythree import variables

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
VARIABLES = {name.upper() for name in HostSettings.model_fields} | variables()
# Of the interpreter, and of python-dotenv.
OTHERS = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHON_DOTENV_DISABLED"}
README = (DEPLOY / "README.md").read_text("utf-8")


def unit() -> dict[str, list[str]]:
    """Return what the unit says, by key; some keys come more than once."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "discord-twentythree.service").read_text("utf-8").splitlines():
        if match := re.fullmatch(r"(\w+)=(.*)", line):
            found.setdefault(match[1], []).append(match[2])
        else:
            assert not line or line[0] in "#["
    return found


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, each in one line."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(word, rest) for line in lines if line for word, _, rest in [line.partition(" ")]]


def compose() -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def bots() -> list[dict[str, Any]]:
    return [one for name, one in compose()["services"].items() if name != "postgres"]


def environment_of_image() -> dict[str, str]:
    said = " ".join(rest for word, rest in instructions() if word == "ENV")
    return dict(one.split("=", 1) for one in shlex.split(said))


def pins(lock: Path) -> dict[str, str]:
    return dict(
        re.findall(r"^([a-z0-9-]+)(?:\[.+\])?==(\S+)", lock.read_text("utf-8"), re.MULTILINE)
    )


# What is started.


def test_both_start_the_bot_by_a_verb_that_it_has() -> None:
    (started,) = unit()["ExecStart"]
    program, *arguments = shlex.split(started)
    assert program == "/opt/discord-twentythree/.venv/bin/python"
    image = [yaml.safe_load(rest) for word, rest in instructions() if word in {"ENTRYPOINT", "CMD"}]

    assert arguments == ["-m", "bot", "run"]
    assert [word for part in image for word in part] == ["python", "-m", "bot", "run"]
    assert _parser().parse_args(["run"]).verb == "run"


def test_a_restart_is_made_only_where_it_may_help() -> None:
    from bot import supervisor

    final = {supervisor.EXIT_BAD_CONFIGURATION, supervisor.EXIT_REFUSED, supervisor.EXIT_IN_USE}
    assert unit()["Restart"] == ["on-failure"]
    assert set(unit()["RestartPreventExitStatus"][0].split()) == {str(one) for one in final}


def test_all_of_compose_is_there_again_after_its_machine_was_started_anew() -> None:
    assert {one["restart"] for one in compose()["services"].values()} == {"unless-stopped"}
    assert "--restart unless-stopped" in README


# As whom, and what it may do.


def test_the_unit_gives_the_bot_a_user_of_its_own_and_little_else() -> None:
    said = unit()

    assert said["User"] == said["Group"] == ["twentythree"]
    assert "useradd --system" in README
    assert said["ProtectSystem"] == ["strict"]
    assert said["NoNewPrivileges"] == said["PrivateTmp"] == said["ProtectHome"] == ["yes"]
    assert said["CapabilityBoundingSet"] == [""]
    assert said["WorkingDirectory"] == [f"/var/lib/{said['StateDirectory'][0]}"]
    assert said["EnvironmentFile"][0] in README


def test_the_image_runs_as_a_user_of_its_own_who_has_the_folder_of_the_database() -> None:
    said = instructions()
    (user,) = (rest for word, rest in said if word == "USER")
    (volume,) = (rest for word, rest in said if word == "VOLUME")
    made = " ".join(rest for word, rest in said if word == "RUN")

    assert user == "twentythree"
    assert "useradd --system" in made
    assert f"-o {user} -g {user} -m 0700 {volume}" in made
    assert [rest for word, rest in said if word == "WORKDIR"][-1] == volume


def test_the_bots_of_compose_may_write_nothing_but_their_own_folder() -> None:
    assert len(bots()) == 2
    for one in bots():
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]


# What it is told.


def test_each_variable_that_is_set_is_one_that_is_read() -> None:
    of_unit = {one.split("=")[0] for one in unit()["Environment"]}
    of_compose = {name for one in bots() for name in one["environment"]}

    assert of_unit <= VARIABLES | OTHERS
    assert environment_of_image().keys() <= VARIABLES | OTHERS
    assert of_compose <= VARIABLES
    assert set(re.findall(r"^(?:DISCORD|BOT|TWENTYTHREE)_\w+", README, re.MULTILINE)) <= VARIABLES


def test_a_file_made_of_the_example_unsets_nothing_that_the_image_sets() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    named = set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    left_out = set(re.findall(r"sed '/\^(\w+)=/d' \.env\.example", README))

    assert named & environment_of_image().keys() == left_out


def test_secrets_come_by_files_that_git_and_the_image_leave_out() -> None:
    files = {one["env_file"] for one in compose()["services"].values()}
    assert files == {"bot.env", "postgres.env"}
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    for name in files:
        assert any(fnmatch(name, one) for one in ignored)
        assert name in README
        assert not (DEPLOY / name).exists()
    assert not re.search(r"PASSWORD|TOKEN", (DEPLOY / "compose.yaml").read_text("utf-8"))


# What it is made of.


def test_what_the_image_copies_is_there_and_is_let_into_the_build() -> None:
    let_in = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split()
    assert let_in[0] == "*"
    for word, rest in instructions():
        if word == "COPY":
            source = rest.split()[0]
            assert (ROOT / source).exists()
            assert f"!{source}" in let_in


def test_the_pins_are_those_that_the_tests_ran_with() -> None:
    deployed = pins(DEPLOY / "requirements.lock")
    tested = pins(ROOT / "requirements-test.lock")

    assert deployed.items() <= tested.items()
    assert pins(ROOT / "requirements.lock").items() <= deployed.items()
    assert {"asyncpg", "pillow"} <= deployed.keys()
    (installed,) = (rest for _, rest in instructions() if "pip install" in rest)
    assert "--require-hashes -r requirements.lock" in installed
    assert "--require-hashes -r deploy/requirements.lock" in README


def images() -> dict[str, str]:
    (of_python,) = (rest for word, rest in instructions() if word == "FROM")
    return {"python": of_python, "postgres": compose()["services"]["postgres"]["image"]}


@pytest.mark.parametrize("image", ["python", "postgres"])
def test_images_have_an_exact_tag(image: str) -> None:
    # Python's as fine as its own releases, PostgreSQL's too: those have two numbers.
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+|postgres:18\.\d+-\w+", images()[image])


def test_the_image_of_compose_is_this_version() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    for one in bots():
        assert one["image"] == f"discord-twentythree:{version[1]}"
        assert (DEPLOY / one["build"]["context"]).resolve() == ROOT
        assert (ROOT / one["build"]["dockerfile"]).is_file()


# Whether it is well.


def test_health_is_asked_for_where_the_bot_tells_it() -> None:
    port = environment_of_image()["BOT_HTTP_LISTEN"].rpartition(":")[2]
    (checked,) = (rest for word, rest in instructions() if word == "HEALTHCHECK")
    web = (ROOT / "bot" / "web.py").read_text("utf-8")
    (path,) = re.findall(r"http://127\.0\.0\.1:(\d+/\w+)", checked)

    assert path == f"{port}/healthz"
    assert '"/healthz"' in web
    # The port of the documents.
    assert f"127.0.0.1:{port}" in (ROOT / "docs" / "configuration.md").read_text("utf-8")


def test_the_ports_of_compose_are_this_machines_and_those_of_the_documents() -> None:
    published = [one["ports"] for one in bots()]

    assert published == [["127.0.0.1:8023:8023"], ["127.0.0.1:8024:8023"]]
    for one in bots():
        assert one["environment"]["BOT_HTTP_LISTEN"] == "0.0.0.0:8023"
    assert "127.0.0.1:8023" in README
    assert "127.0.0.1:8024" in README


def test_the_bots_of_compose_wait_for_a_postgres_that_is_well() -> None:
    postgres = compose()["services"]["postgres"]

    assert postgres["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    for one in bots():
        assert one["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_stopping_is_given_longer_than_the_bot_takes() -> None:
    assert int(unit()["TimeoutStopSec"][0]) > 10
    for one in bots():
        assert int(one["stop_grace_period"].removesuffix("s")) > 10


# What is said of it.


def test_the_readme_says_what_was_not_tried_and_names_each_file() -> None:
    assert "Neither was run" in README
    assert "images were not looked up" in README
    assert f"`{images()['python']}`, `{images()['postgres']}`" in README
    for file in DEPLOY.iterdir():
        assert file.name in README
