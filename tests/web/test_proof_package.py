"""The proof of a handover is one PDF, and anybody can check that it is what it was."""

import json
import re
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import check_items, packages, proof_checks
from chalicelib.domain.deliveries.service import ref_of
from chalicelib.entry import work
from chalicelib.entry.functions import make_papers as worker
from chalicelib.gateways.photos import paper_key
from chalicelib.kit.errors import Conflict
from chalicelib.storage import keys
from local import verify_proof
from tests.entry.lambda_stage import from_queue
from tests.web.test_recipient_page import photographed

BUCKET = "proofs-of-pages"


@pytest.fixture
def package(world):
    """The PDF of a photographed handover to somebody whose name is not Latin."""
    delivery = photographed(world)
    ref = ref_of(delivery)
    uow = world.begin()
    key = keys.recipient(ref.merchant_id, ref.delivery_id)
    uow.put(key, {**uow.get(key), "name": "محمد عبد الله Żółw"}, expect=None)
    proof_checks.assess(uow, ref)
    uow.commit()
    assert work.run(lambda uow: packages.ask(uow, ref)).is_new
    assert not work.run(lambda uow: packages.ask(uow, ref)).is_new, "it is ordered already"
    message = json.dumps({"delivery": str(ref)})
    assert worker.make_papers(from_queue(message), None) == {"batchItemFailures": []}
    assert packages.is_ready(world.begin(), ref)
    key = paper_key(ref.merchant_id, ref.delivery_id)
    return ref, boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()


def test_the_package_holds_its_facts_and_is_what_it_was(world, package, tmp_path):
    ref, pdf = package
    check = check_items.load(world.begin(), ref)
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) < 200_000
    assert verify_proof.faults_of(pdf, check.head) == []
    assert verify_proof.facts_in(pdf)["proof"] == "passed"
    assert len(re.findall(rb"stream\r?\n\xff\xd8\xff", pdf)) == 1, "the photo is in it"
    file = tmp_path / "proof.pdf"
    file.write_bytes(pdf)
    command = [sys.executable, "-m", "local.verify_proof", str(file), "--head", check.head]
    done = subprocess.run(command, capture_output=True, text=True, cwd=_root(), check=False)
    assert (done.returncode, done.stdout) == (0, "as it was\n")


def _root():
    return Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (b'"picked_up"', b'"picked_uq"', "was changed"),
        (b'"status":"delivered"', b'"status":"deliverex"', "was changed"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\xff\xd8\xff\xe0\x00\x10JFIX", "a picture was changed"),
    ],
    ids=range(3),
)
def test_whatever_is_changed_is_found(package, before, after, said):
    _, pdf = package
    assert before in pdf
    assert any(said in fault for fault in verify_proof.faults_of(pdf.replace(before, after)))


def test_another_head_than_the_one_that_was_told_is_found(package):
    assert verify_proof.faults_of(package[1], "0" * 64) == ["the head is not the one that was told"]


def test_the_link_leads_to_the_paper_and_a_forgotten_recipient_gets_none(world, package):
    ref, _ = package
    uow = world.begin()
    uow.delete(keys.recipient(ref.merchant_id, ref.delivery_id), expect=None)
    uow.commit()
    wiring.photos().remove_all(ref.merchant_id, ref.delivery_id)
    assert worker.make_papers(from_queue(json.dumps({"delivery": str(ref)})), None) == {
        "batchItemFailures": []
    }
    mine = f"papers/{ref.merchant_id}/"
    left = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=mine)
    assert left.get("Contents", []) == []


def test_what_was_not_handed_over_has_no_package(world):
    ref = ref_of(world.deliver())
    with pytest.raises(Conflict):
        packages.ask(world.begin(), ref)
