"""The template that Chalice writes for the app, merged with ours, and SAM's reading of it."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from infra.package import ROOT, write_template
from infra.wheels import canonical_architecture


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("template")
    write_template(canonical_architecture(None), ROOT, out)
    return json.loads((out / "template.json").read_text())


@pytest.fixture(scope="session")
def transformed(template: dict[str, Any]) -> dict[str, Any]:
    """The plain CloudFormation that AWS makes of the template."""
    with warnings.catch_warnings():
        # The translator's own dependencies warn; nothing of ours.
        warnings.simplefilter("ignore")
        from samtranslator.translator.transform import transform

        class NoManagedPolicies:
            def load(self) -> dict[str, str]:
                return {}

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
            return transform(json.loads(json.dumps(template)), {}, NoManagedPolicies())
