"""What does the packaged template become once AWS has expanded its serverless transform?

CloudFormation does this itself in an account. The embedded cloud would need SAM's translator and,
with it, packages in the very environment that runs the functions, where they would hide that one
of them is missing from the zip. So AWS's own translator expands the template here, in a process of
its own: it finds out its region from the environment alone.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def expand(
    template: Mapping[str, Any], parameters: Mapping[str, str], region: str
) -> dict[str, Any]:
    """The same stack in plain CloudFormation resources."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "local.expand"],
        input=json.dumps([template, dict(parameters)]),
        env={**os.environ, "AWS_DEFAULT_REGION": region},
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ValueError(f"SAM refuses the template:\n{done.stderr}")
    plain: dict[str, Any] = json.loads(done.stdout)
    return plain


class _NoManagedPolicies:
    """Our roles name no AWS-managed policy but Lambda's own, which the translator knows."""

    def load(self) -> dict[str, str]:
        return {}


def main() -> int:
    from samtranslator.public.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform

    template, parameters = json.load(sys.stdin)
    try:
        plain = transform(template, parameters, _NoManagedPolicies())
    except InvalidDocumentException as error:
        print("\n".join(cause.message for cause in error.causes), file=sys.stderr)
        return 1
    plain.pop("Transform", None)
    json.dump(plain, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
