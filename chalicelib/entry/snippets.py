"""How is an operation called from a shell or from Python? Copyable, with nothing to install.

Made from the OpenAPI document, so that both agree. Credentials are read from the environment.
"""

import json
import pprint
import re
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

Json = Mapping[str, Any]

#: Which variable holds which credential.
VARIABLES: Mapping[str, str] = {
    "operatorKey": "LASTMILE_OPERATOR_KEY",
    "merchantKey": "LASTMILE_KEY",
    "driverToken": "LASTMILE_TOKEN",
}


def curl(document: Json, path: str, method: str) -> str:
    """The call as one shell command."""
    operation = document["paths"][path][method]
    words = ["curl", "-sS"]
    if method not in ("get", "post"):
        words += ["-X", method.upper()]
    lines = [" ".join([*words, shlex.quote(url(document, path, operation))])]
    for name, value in _headers(operation).items():
        lines.append(f'-H "{name}: {value}"' if "$" in value else f"-H '{name}: {value}'")
    body = example_body(document, operation)
    if body is not None:
        text = json.dumps(body, indent=1, ensure_ascii=False)
        lines.append(f"-d {shlex.quote(text)}")
    elif "requestBody" in operation:
        lines.append("--data-binary @body")
    elif method == "post":
        lines.append("-d ''")
    return " \\\n  ".join(lines)


def python(document: Json, path: str, method: str) -> str:
    """The same call as a program that runs as it stands."""
    operation = document["paths"][path][method]
    headers = _headers(operation)
    body = example_body(document, operation)
    is_json = "application/json" in _success(operation).get("content", {})
    imports = [
        *(["import json"] if body is not None or is_json else []),
        *(["import os"] if any("$" in value for value in headers.values()) else []),
        "import urllib.request",
    ]
    lines = [*imports, ""]
    if body is not None:
        lines += [f"body = {pprint.pformat(body, width=64, sort_dicts=False)}", ""]
    lines.append("request = urllib.request.Request(")
    lines.append(f"    {_quoted(url(document, path, operation))},")
    lines.append(f"    method={_quoted(method.upper())},")
    if headers:
        lines.append("    headers={")
        lines += [f"        {_quoted(name)}: {_value(value)}," for name, value in headers.items()]
        lines.append("    },")
    if body is not None:
        lines.append("    data=json.dumps(body).encode(),")
    elif "requestBody" in operation:
        lines.append('    data=open("body", "rb").read(),')
    lines += [")", "with urllib.request.urlopen(request) as answer:"]
    lines.append("    print(json.load(answer))" if is_json else "    print(answer.status)")
    return "\n".join(lines)


def url(document: Json, path: str, operation: Json) -> str:
    """The address with the examples of its parts, and of the parameters that it needs."""
    asked = {}
    for parameter in operation.get("parameters", ()):
        value = example_of(parameter["schema"])
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(value))
        elif parameter["in"] == "query" and parameter["required"]:
            asked[parameter["name"]] = value
    query = f"?{urlencode(asked)}" if asked else ""
    return str(document["servers"][0]["url"]).rstrip("/") + path + query


def example_body(document: Json, operation: Json) -> Any:
    """The example of the form that goes in; None where there is no form."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    return example_of(resolved(document, schema)) if schema else None


def example_of(schema: Json) -> Any:
    examples = schema.get("examples") or schema.get("enum") or [schema.get("default")]
    return examples[0]


def resolved(document: Json, schema: Json) -> Json:
    """What a reference leads to."""
    found = schema
    while "$ref" in found:
        found = document["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    return found


def _headers(operation: Json) -> dict[str, str]:
    headers = {}
    for requirement in operation.get("security", ())[:1]:
        headers["Authorization"] = f"Bearer ${VARIABLES[next(iter(requirement))]}"
    content = operation.get("requestBody", {}).get("content", {})
    if content:
        headers["Content-Type"] = next(iter(content))
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header":
            headers[parameter["name"]] = example_of(parameter["schema"])
    return headers


def _success(operation: Json) -> Json:
    first: Json = next(iter(operation["responses"].values()))
    return first


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _value(value: str) -> str:
    """A header's value as Python: the credential comes from the environment."""
    found = re.fullmatch(r"Bearer \$(\w+)", value)
    return f'"Bearer " + os.environ["{found[1]}"]' if found else _quoted(value)
