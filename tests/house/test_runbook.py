"""The runbook can be followed at night: every alarm leads to its chapter, every command exists."""

import re
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.waiter import WaiterModel

from app import app
from chalicelib.entry.surface import routes_of
from infra.template.functions import FUNCTIONS
from infra.template.parameters import PARAMETERS
from infra.template.watch import watch_resources
from tests.house import sources

PAGE = sources.read("docs/operations.md")
ALARMS = {
    name: resource
    for name, resource in watch_resources().items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
#: Of every command of the CLI. Source: AWS CLI reference, "Options".
GLOBAL = {"query", "output", "region", "profile"}
#: What the CLI calls otherwise than the service's model does.
SERVICES = {"s3api": "s3"}


def chapter(anchor: str) -> str:
    """The text below a heading, up to the next one that is as high."""
    pieces = re.split(r"^(#{2,3}) (.+)$", PAGE, flags=re.M)
    for level, heading, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        if level and re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") == anchor:
            return text
    raise AssertionError(f"no chapter {anchor}")


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarms_description_leads_to_the_chapter_that_explains_it(name: str) -> None:
    description = ALARMS[name]["Properties"]["AlarmDescription"]
    page, _, anchor = description.rpartition(" ")[2].partition("#")
    assert page == "docs/operations.md"
    assert f"`{name}`" in chapter(anchor)


def commands() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Service, operation and options of every `aws ...` that the page shows."""
    text = PAGE.replace("\\\n", " ")
    for line in re.findall(r"^aws .*|`aws [^`]+`", text, re.M):
        words = re.sub(r"'[^']*'|\"[^\"]*\"", "x", line.strip("`"))
        found = re.match(r"aws ([a-z0-9-]+) ([a-z0-9-]+)", words)
        assert found is not None, line
        yield found[1], found[2], tuple(re.findall(r"--([a-z-]+)", words))


@pytest.mark.parametrize(("service", "operation", "options"), sorted(set(commands())))
def test_every_command_of_aws_exists_with_its_options(
    service: str, operation: str, options: tuple[str, ...]
) -> None:
    given = set(options) - GLOBAL
    loader = Loader()
    if operation == "wait":
        waiters = WaiterModel(loader.load_service_model(service, "waiters-2")).waiter_names
        assert {xform_name(name, "-") for name in waiters} & set(PAGE.split())
        return
    model = loader.load_service_model(SERVICES.get(service, service), "service-2")
    by_name = {xform_name(name, "-"): told for name, told in model["operations"].items()}
    assert operation in by_name
    shape = model["shapes"][by_name[operation]["input"]["shape"]]
    # A boolean has a twin that says no.
    known = {xform_name(name, "-").replace("_", "-") for name in shape["members"]}
    known |= {f"no-{name}" for name in known}
    assert given <= known, (service, operation)


def test_every_call_that_the_runbook_names_is_a_route() -> None:
    there = {(one.method, one.path.replace("{", "<").replace("}", ">")) for one in routes_of(app)}
    shapes = {(method, re.sub(r"<\w+>", "<>", path)) for method, path in there}
    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`? ]*)", PAGE)
    wrong = [
        (method, path)
        for method, path in named
        if (method, re.sub(r"\{\w+\}", "<>", path)) not in shapes
    ]
    assert wrong == []


def test_every_function_and_parameter_that_the_runbook_names_is_deployed() -> None:
    logs = re.findall(r"[Ll]ogs? of ((?:`\w+`(?:, | or )?)+)", PAGE)
    named = {name for some in logs for name in re.findall(r"`(\w+)`", some)}
    assert named - FUNCTIONS.keys() == set()
    assert len(named) > 10
    for parameter in ("Alarms", "SpendLimit", "FanOutAbove", "EmailSender", "Roads"):
        assert f"`{parameter}" in PAGE
        assert parameter in PARAMETERS


def test_every_module_that_the_runbook_starts_exists() -> None:
    modules = re.findall(r"^python -m ([\w.]+)", PAGE, re.M)
    assert [name for name in modules if find_spec(name) is None] == []
    assert modules
