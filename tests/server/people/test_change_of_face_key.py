"""A kiosk keeps faces, and changes the key of all of them, over HTTP: the real kiosk side against the real store."""

import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import numpy as np
import pytest

from kiosk.adapters.face_keys import FaceKeys
from kiosk.adapters.http_shop import HttpShop
from kiosk.adapters.pairing import Identity
from kiosk.new_face_key import change_key
from kiosk.ports import ShopRefusedError, ShopUnreachableError
from kiosk.visit import calls
from kiosk.visit.events import Candidates
from kiosk.visit.values import Alike, Candidate
from models import SFACE, ModelId
from server.db.database import Database
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.devices import revoke
from server.flows.face_keys import allow
from server.flows.ports import Work
from tests.server.builders import NOON, a_device, an_id
from tests.server.people.builders import PIN, a_number
from tests.server.people.served import Served
from vision.errors import SealBrokenError
from vision.face.embed import unit
from vision.matching import (
    ReferenceId,
    StoreKey,
    Template,
    new_seal_key,
    new_shopper_secret,
    read_key,
    seal,
    shopper_key,
)


def inside(served: Served) -> Database:
    """Return the store's database, to look into it and to act without a route."""
    assert isinstance(served.house.database, Database)
    return served.house.database


@dataclass
class Machine:
    """One kiosk's side of it: its own key, its file, its line to the store."""

    client: httpx.Client
    keys: FaceKeys
    file: Path
    told: list[str] = field(default_factory=list)

    def change(self) -> int:
        return change_key(self.client, self.keys, self.told.append).references

    def behind(self, digits: str) -> tuple[Candidate, ...]:
        answer = HttpShop(self.client, self.keys).perform(calls.FetchCandidates(None, digits))
        assert isinstance(answer, Candidates)
        return answer.items

    def candidates(self, digits: str) -> dict[str, tuple[ModelId, bytes]]:
        return {one.reference_id: (ModelId(one.model_id), base64.b64decode(one.sealed)) for one in self.behind(digits)}


@pytest.fixture
def machine(served: Served, tmp_path: Path) -> Iterator[Callable[[str], Machine]]:
    """Yield what pairs a kiosk and starts its side; all of them begin with a copy of one key file."""
    clients: list[httpx.Client] = []

    def start(name: str) -> Machine:
        token = an_id()
        own = inside(served).write(lambda work: a_device(work, name, token))
        client = httpx.Client(base_url=served.http.base_url, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        clients.append(client)
        file = tmp_path / "keys" / f"{name}.key"
        first = next(iter(sorted(file.parent.glob("*.key"))), None)
        if first is not None:
            file.touch(0o600)
            file.write_bytes(first.read_bytes())
        return Machine(client, FaceKeys(file, Identity(name, own), client), file)

    yield start
    for client in clients:
        client.close()


def a_template(seed: int) -> Template:
    vector = unit(np.random.default_rng(seed).normal(size=(1, 128)).astype(np.float32))[0]
    return Template(SFACE, vector, 3)


def join(
    machine: Machine,
    template: Template,
    key: StoreKey,
    digits: str = "5678",
    card: str | None = None,
    look_alikes: tuple[Alike, ...] = (),
) -> str:
    name = ReferenceId(an_id())
    model_id, sealed = key.keep(template, name)
    if card is not None:
        model_id, sealed = SFACE, seal(template, shopper_key(card, name), name)
    body = calls.Enrol(
        key=an_id(),
        consent_version="2026-11-2",
        consent_locale="fr",
        name="Lina Durand",
        phone=a_number(digits),
        reference_id=name,
        model_id=model_id,
        sealed=base64.b64encode(sealed).decode(),
        captures=3,
        pin=PIN,
        mode="gallery" if card is None else "sealed",
        look_alikes=look_alikes,
    )
    HttpShop(machine.client, machine.keys).perform(body)
    return name


def let(served: Served, kiosk_id: str) -> None:
    inside(served).write(
        lambda work: allow(work, kiosk_id, store_id="demo", by="amal", reason="a stolen kiosk", at=served.house.now())
    )


def test_more_is_asked_of_both_at_every_kiosk_when_a_newcomer_looks_like_somebody_on_file(
    machine: Callable[[str], Machine],
) -> None:
    here, there = machine("kiosk-3"), machine("kiosk-4")
    key = here.keys.ready()
    there.keys.ready()
    face = replace(a_template(1), spread=0.05)
    first = join(here, face, key)

    second = join(here, a_template(2), key, look_alikes=(Alike(first, 0.55, pin_always=True),))

    met = there.behind("5678")
    assert {one.reference_id: one.likeness for one in met} == {first: 0.55, second: 0.55}
    sealed = next(one for one in met if one.reference_id == first)
    kept = key.open(base64.b64decode(sealed.sealed), ReferenceId(first), ModelId(sealed.model_id))
    assert kept.lift == pytest.approx(face.lift)  # what is asked of one person's likeness goes the whole way as well
    assert face.lift > 0


def test_every_kiosk_knows_everybody_under_the_new_key_and_old_copies_are_dead_when_it_was_changed(
    served: Served, machine: Callable[[str], Machine], tmp_path: Path
) -> None:
    here, there = machine("kiosk-3"), machine("kiosk-4")
    old = here.keys.ready()
    there.keys.ready()
    faces = {join(here, a_template(seed), old): a_template(seed) for seed in range(3)}
    card = new_shopper_secret()
    own = join(here, a_template(9), old, card=card)
    stolen = here.candidates("5678")
    inside(served).scrub()
    assert in_files(tmp_path, stolen)
    assert not in_the_open(tmp_path, faces.values(), old)
    let(served, "kiosk-3")

    moved = here.change()

    assert moved == 3
    assert "Kiosk 4 (kiosk-4)" in here.told[0]
    new = here.keys.now()
    assert new is not None
    assert new.key_id != old.key_id
    assert read_key(here.file) == new.sealing
    kept = there.candidates("5678")  # the store says that another key is in force, and the kiosk comes to it
    assert read_key(there.file) == new.sealing
    assert kept.keys() == stolen.keys()
    for name, template in faces.items():
        model_id, sealed = kept[name]
        opened = new.open(sealed, ReferenceId(name), model_id)
        assert float(opened.vector @ new.turn.turn(template).vector) == pytest.approx(1, abs=1e-5)
        with pytest.raises(SealBrokenError):
            new.open(stolen[name][1], ReferenceId(name), stolen[name][0])
        with pytest.raises(SealBrokenError):
            old.open(sealed, ReferenceId(name), model_id)
    assert kept[own] == stolen.pop(own)  # its owner's code opens it as before
    assert not in_files(tmp_path, stolen)
    assert not in_the_open(tmp_path, faces.values(), new)


def in_the_open(folder: Path, faces: Iterable[Template], key: StoreKey) -> list[str]:
    """Return the files of store and kiosks in which numbers of a face can be read, plain or turned."""
    vectors = [one.vector.tobytes() for face in faces for one in (face, key.turn.turn(face))]
    pieces = [vector[start : start + 12] for vector in vectors for start in range(0, len(vector), 64)]
    pieces += [base64.b64encode(vector[:30]) for vector in vectors]
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert len(files) > 3
    contents = [(file.name, file.read_bytes()) for file in files]
    return [name for name, content in contents if any(piece in content for piece in pieces)]


def in_files(folder: Path, kept: dict[str, tuple[ModelId, bytes]]) -> list[str]:
    contents = [(file.name, file.read_bytes()) for file in folder.rglob("*") if file.is_file()]
    return [name for name, content in contents for _, sealed in kept.values() if sealed in content]


def test_nothing_changes_when_nobody_has_allowed_it(served: Served, machine: Callable[[str], Machine]) -> None:
    here = machine("kiosk-3")
    old = here.keys.ready()
    join(here, a_template(1), old)
    before = here.candidates("5678")
    let(served, "kiosk-1")

    with pytest.raises(ShopRefusedError) as refused:
        here.change()

    assert refused.value.code == "face_key_not_allowed"
    assert here.candidates("5678") == before


@pytest.mark.parametrize("cut_at", ["/v1/face-keys/changes", "references", "put-in-force"])
@pytest.mark.parametrize("side", ["request", "response"])
def test_all_or_nothing_has_changed_when_the_line_is_cut(
    served: Served, machine: Callable[[str], Machine], cut_at: str, side: str
) -> None:
    here = machine("kiosk-3")
    old = here.keys.ready()
    name = ReferenceId(join(here, a_template(1), old))
    let(served, "kiosk-3")
    cut = Cut(here.client, cut_at, side=side)

    with pytest.raises(ShopUnreachableError):
        here.change()

    cut.mend()
    all_new = cut_at == "put-in-force" and side == "response"
    now = here.keys.refresh()
    assert (now.key_id != old.key_id) is all_new
    model_id, sealed = here.candidates("5678")[name]
    assert now.open(sealed, name, model_id).captures == 3
    if not all_new:
        assert here.change() == 1
        assert here.keys.key_id != old.key_id


class Cut:
    """A line that is cut at the first request of a kind: before it arrives, or before its answer does."""

    def __init__(self, client: httpx.Client, at: str, *, side: str) -> None:
        self._client = client
        self._at = at
        client.event_hooks = {side: [self._break]}

    def _break(self, passing: httpx.Request | httpx.Response) -> None:
        request = passing.request if isinstance(passing, httpx.Response) else passing
        if request.url.path.endswith(self._at) and request.method != "GET":
            raise httpx.ReadError("cut")

    def mend(self) -> None:
        self._client.event_hooks = {"request": [], "response": []}


def test_whoever_joins_in_between_is_taken_along_when_the_key_changes(
    served: Served, machine: Callable[[str], Machine]
) -> None:
    here, there = machine("kiosk-3"), machine("kiosk-4")
    old = here.keys.ready()
    there.keys.ready()
    join(here, a_template(1), old)
    let(served, "kiosk-3")
    late: list[str] = []

    def joins(request: httpx.Request) -> None:
        if request.url.path.endswith("put-in-force") and not late:
            late.append(join(there, a_template(2), old))

    here.client.event_hooks = {"request": [joins], "response": []}

    moved = here.change()

    assert moved == 2
    assert late[0] in there.candidates("5678")


def test_a_face_kept_under_the_old_key_is_refused_when_its_kiosk_missed_the_change(
    served: Served, machine: Callable[[str], Machine]
) -> None:
    here, there = machine("kiosk-3"), machine("kiosk-4")
    old = there.keys.ready()
    here.keys.ready()
    join(here, a_template(1), old)
    let(served, "kiosk-3")
    here.change()

    with pytest.raises(ShopRefusedError) as refused:
        join(there, a_template(2), old)

    assert refused.value.code == "face_key_changed"
    fresh = there.keys.now()
    assert fresh == here.keys.now()
    assert fresh is not None
    join(there, a_template(2), fresh)  # looked at once more, the newcomer is in


def test_a_kiosk_that_was_shut_out_gets_no_key_when_it_changes(
    served: Served, machine: Callable[[str], Machine]
) -> None:
    here, lost = machine("kiosk-3"), machine("kiosk-4")
    join(here, a_template(1), here.keys.ready())
    lost.keys.ready()
    inside(served).write(lambda work: revoke(work, "kiosk-4", store_id="demo", by="amal", reason="stolen", at=NOON))
    let(served, "kiosk-3")

    here.change()

    assert "kiosk-4" not in here.told[0]
    wraps = inside(served).read(lambda work: work.face_keys.wraps_for("demo", "kiosk-4"))
    assert wraps == []
    with pytest.raises(ShopRefusedError):
        lost.keys.refresh()


def test_a_kiosk_is_told_to_copy_the_key_when_it_drew_one_of_its_own(
    machine: Callable[[str], Machine], tmp_path: Path
) -> None:
    here = machine("kiosk-3")
    join(here, a_template(1), here.keys.ready())
    stranger = machine("kiosk-4")
    stranger.file.unlink()
    drew_its_own = FaceKeys(stranger.file, Identity("kiosk-4", stranger.keys._device.key), stranger.client)

    with pytest.raises(ShopRefusedError) as refused:
        drew_its_own.ready()

    assert refused.value.code == "face_key_unknown"
    assert drew_its_own.now() is None
    assert tmp_path.exists()


def test_a_face_that_never_opened_stays_as_it_is_when_the_key_changes(
    served: Served, machine: Callable[[str], Machine]
) -> None:
    here = machine("kiosk-3")
    old = here.keys.ready()
    join(here, a_template(1), old)
    odd = ReferenceId(an_id())
    junk = StoreKey(new_seal_key(), old.salt).keep(a_template(2), odd)[1]

    def put(work: Work) -> None:
        (known,) = work.references.gallery(FACE_PAYMENT, after="", limit=1)
        work.references.add(replace(known, reference_id=odd, sealed=junk))

    inside(served).write(put)
    let(served, "kiosk-3")

    done = change_key(here.client, here.keys, here.told.append)

    assert (done.references, done.unopened) == (2, 1)
