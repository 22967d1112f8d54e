"""The lab under attack, in short; `python -m scripts.attack_lab` has the long forms.

Each attack is also made on a lab from which what guards against it is missing, and must
find that.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser
from tests.lab.attack_crowds import Crowd, crowded
from tests.lab.attack_names import foreign_names, hosts, spelled_paths, unkeyed_routes
from tests.lab.attack_pages import ATTEMPTS, foreign_pages
from tests.lab.attack_requests import malformed_requests
from tests.lab.attack_soak import soaked
from tests.lab.attack_uploads import spoiled_uploads
from tests.lab.attacked import attacked, said, words_of
from tests.lab.open_lab import OpenLab
from tests.training.tally import Tally

UPLOADS_HURRY, CROWDS_HURRY = 20.0, 10.0


@pytest.fixture(scope="module")
def strong(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenLab]:
    """A lab from which nothing is missing, for attacks that reach nothing."""
    with attacked(tmp_path_factory.mktemp("strong")) as found:
        yield found
        assert words_of(found.folder) == ""


def fine(tally: Tally) -> bool:
    assert not tally.faults, "\n".join(tally.faults[:9])
    return tally.is_fine


def test_every_route_wants_the_token(strong: OpenLab) -> None:
    assert fine(unkeyed_routes(strong))


def test_a_method_that_wants_no_token_is_found(tmp_path: Path) -> None:
    with attacked(tmp_path, "open-delete") as lab:
        faults = unkeyed_routes(lab).faults
    assert faults and all(each.startswith(("DELETE", "work")) for each in faults)


def test_no_other_name_leads_to_the_lab(strong: OpenLab) -> None:
    tally = foreign_names(strong)
    assert fine(tally) and len(set(hosts(strong))) >= 40


def test_a_gate_that_heeds_no_name_is_found(tmp_path: Path) -> None:
    with attacked(tmp_path, "no-host") as lab:
        assert len(foreign_names(lab).faults) >= 40


def test_no_spelling_of_a_path_leads_elsewhere(strong: OpenLab) -> None:
    tally = spelled_paths(strong, 300)
    assert fine(tally) and tally.cases == 600


def test_files_read_by_their_path_are_found(tmp_path: Path) -> None:
    with attacked(tmp_path, "from-disk") as lab:
        assert len(spelled_paths(lab, 300).faults) >= 20


@pytest.mark.parametrize("missing", ["", "no-token", "no-site"])
def test_no_other_page_reaches_the_lab(
    missing: str, browser: Browser, tmp_path: Path
) -> None:
    """Token and origin each suffice against other pages."""
    with attacked(tmp_path, missing) as lab:
        tally = foreign_pages(lab, browser)
    assert fine(tally) and tally.cases >= 2 * 40 and len(ATTEMPTS) >= 40


def test_an_open_lab_is_reached_by_other_pages(
    browser: Browser, tmp_path: Path
) -> None:
    with attacked(tmp_path, "no-gate") as lab:
        assert foreign_pages(lab, browser).notes["reached"] >= 60


def test_spoiled_uploads_are_cut_off(tmp_path: Path) -> None:
    with attacked(tmp_path, hurry=UPLOADS_HURRY) as lab:
        assert fine(spoiled_uploads(lab, patience_s=6.0))
    assert words_of(tmp_path) == ""


def test_a_lab_that_waits_for_uploads_is_found(tmp_path: Path) -> None:
    names = ("less than said", "a terabyte said", "whole")
    with attacked(tmp_path, "patient", hurry=UPLOADS_HURRY) as lab:
        faults = spoiled_uploads(lab, patience_s=1.0, only=names).faults
    assert len(faults) == 2


def test_malformed_requests_cost_nothing(tmp_path: Path) -> None:
    with attacked(tmp_path, hurry=UPLOADS_HURRY) as lab:
        tally = malformed_requests(lab, 200)
    assert fine(tally) and tally.cases >= 200


def test_what_is_no_request_is_told_so(strong: OpenLab) -> None:
    found = said(strong, b"GET / HTTP/1.1\r\nno header\r\n\r\n")
    told = json.loads(found.content)["error"]
    assert (found.status, told["code"]) == (400, "request-malformed")


def test_a_refusal_without_its_headers_is_found(tmp_path: Path) -> None:
    with attacked(tmp_path, "unguarded-400", hurry=UPLOADS_HURRY) as lab:
        assert malformed_requests(lab, 20).faults


def test_crowds_are_put_up_with_for_a_while_only(tmp_path: Path) -> None:
    with attacked(tmp_path, hurry=CROWDS_HURRY) as lab:
        tally = crowded(lab, Crowd(), requests=100, patience_s=3.0)
    assert fine(tally)
    alone, amid = (tally.notes[f"p95 {where}, in tenths of ms"] for where in _WHERE)
    # 200 ms on a computer with nothing else to do; here other tests may run.
    assert amid < max(2000, 10 * alone)


_WHERE = ("alone", "in the crowd")


def test_more_than_fit_leave_room_for_who_asks(tmp_path: Path) -> None:
    with attacked(tmp_path, hurry=CROWDS_HURRY) as lab:
        tally = crowded(lab, Crowd(400, 200, 10), requests=50, patience_s=3.0)
    assert fine(tally) and tally.notes["attackers"] > 610


def test_a_lab_that_waits_for_ever_is_found(tmp_path: Path) -> None:
    with attacked(tmp_path, "stock") as lab:
        faults = crowded(lab, Crowd(5, 5, 5), requests=5, patience_s=0.5).faults
    assert len(faults) == 3


_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the use")


@_LINUX
def test_use_takes_no_more_and_more(tmp_path: Path) -> None:
    with attacked(tmp_path) as lab:
        assert fine(soaked(lab, seconds=3.0))
    assert words_of(tmp_path) == ""


@_LINUX
def test_a_lab_that_keeps_what_it_hears_is_found(tmp_path: Path) -> None:
    with attacked(tmp_path, "leaks") as lab:
        faults = soaked(lab, seconds=3.0, without=["left"]).faults
    assert faults and all(each.startswith("held") for each in faults)
