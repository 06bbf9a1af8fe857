"""Is this proof package what it was when it was made?

`python -m local.verify_proof FILE --head HASH` needs nothing but Python. It takes the facts out of
the PDF, recomputes every hash of the history, and looks whether the pictures inside have the hashes
that the facts name. `--head` compares the result with the head that was told when the parcel was
handed over (`proof.created`), which is what makes it worth something: whoever could rewrite the
whole file could rewrite its hashes as well.
"""

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

FIELDS = ("version", "what", "status", "at", "reason", "undoes")


def facts_in(pdf: bytes) -> dict[str, Any]:
    """The facts that stand in the file; raise ValueError when it has none."""
    start = pdf.find(b'{"away_m":')
    if start < 0:
        raise ValueError("this is no proof package")
    text = pdf[start : pdf.index(b"endstream", start)].decode("utf-8")
    return dict(json.JSONDecoder().raw_decode(text)[0])


def faults_of(pdf: bytes, head: str | None = None) -> list[str]:
    """What does not fit; nothing when all is as it was."""
    facts = facts_in(pdf)
    found, previous, sealed = [], "0" * 64, ""
    for entry in facts["history"]:
        told = {name: entry[name] for name in FIELDS}
        told |= {"delivery": facts["delivery"], "previous": previous}
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(text.encode()).hexdigest()
        if previous != entry["hash"]:
            found.append(f"entry {entry['version']} ({entry['what']}) was changed")
        if entry["version"] == facts["head_version"]:
            sealed = previous
    if sealed != facts["head"]:
        found.append("the head is not that of the history")
    if head is not None and head != facts["head"]:
        found.append("the head is not the one that was told")
    inside = re.findall(rb"stream\r?\n(\xff\xd8\xff.*?)\r?\nendstream", pdf, re.DOTALL)
    named = {one["sha256"] for one in facts["pictures"]}
    # A picture that had gone when the paper was made is named in the facts alone.
    if any(hashlib.sha256(one).hexdigest() not in named for one in inside):
        found.append("a picture was changed")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Check a proof package.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--head", help="the head as `proof.created` told it")
    arguments = parser.parse_args()
    try:
        faults = faults_of(arguments.file.read_bytes(), arguments.head)
    except (ValueError, KeyError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    for fault in faults:
        print(fault)
    print("not what it was" if faults else "as it was")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
