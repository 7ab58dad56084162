"""The composition root: settings to adapters to loop to web server. Only here are both sides known."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
from fastapi import FastAPI

from kiosk.adapters.cameras import sources
from kiosk.adapters.devices.hub import Devices, DeviceSettings
from kiosk.adapters.face_keys import FaceKeys
from kiosk.adapters.heartbeat import Heartbeat
from kiosk.adapters.http_catalogue import HttpCatalogue
from kiosk.adapters.http_shop import HttpShop, open_client
from kiosk.adapters.pairing import Identity, read_identity
from kiosk.adapters.shop_events import QUIET_SECONDS, ShopEvents
from kiosk.adapters.sign_in import SignIn
from kiosk.loop import Loop
from kiosk.offline.catalogue import CatalogueFile
from kiosk.offline.grant import GrantFile, GrantKeeper
from kiosk.offline.keeper import CatalogueKeeper
from kiosk.offline.meanwhile import Meanwhile
from kiosk.offline.memory import LastSeenFile, SaidFile, StoreFile, VisitFile
from kiosk.offline.outbox import SqliteOutbox
from kiosk.offline.purse import Purse, SignedBy
from kiosk.offline.replay import ShopWorker
from kiosk.offline.till import LocalTill
from kiosk.ports import ShopRefusedError, ShopUnreachableError, Slip
from kiosk.settings import Settings
from kiosk.ui.news import News
from kiosk.ui.screens import help_waits
from kiosk.ui.server import House, build
from kiosk.ui.slip import slip_of
from kiosk.visit.calls import AddLine, AddSku
from kiosk.visit.effects import Ask, DeviceEffect, LookEffect, PrintTicket, PurseEffect, Weigh
from kiosk.visit.events import Event, FaceOutOfOrder, Started, Unreached
from kiosk.visit.sight import Role, Sight, sight
from kiosk.visit.visit import Rules, Visit
from kiosk.watcher import BarReader, CameraWatch, FaceBooth, Station
from kiosk.watcher.station import Looker
from kiosk.watcher.watch import Previews
from models import SFACE, ModelError, Store
from vision.barcode.decode import Schedule
from vision.barcode.fence import FencedDecoder
from vision.errors import HistogramMalformedError, KeyFileError
from vision.face.eye import Eye
from vision.matching import ImpostorHistogram

_LOG = logging.getLogger(__name__)
PAGE_SECONDS: Final = 3.0  # how long the weights wait for a page; without one they are opened all the same


@dataclass(frozen=True, slots=True)
class Kiosk:
    """Everything that runs."""

    loop: Loop
    worker: ShopWorker
    meanwhile: Meanwhile
    keeper: CatalogueKeeper
    purse: Purse
    shop_events: ShopEvents
    heartbeat: Heartbeat
    watch: CameraWatch
    devices: Devices
    warm: Callable[[], None]
    app: FastAPI

    def start(self) -> None:
        """Begin: the visit first, so that whatever the others bring has somewhere to go."""
        self.loop.start()
        threading.Thread(target=self.warm, name="weights", daemon=True).start()
        self.purse.start()
        self.keeper.start()
        self.worker.start()
        self.meanwhile.start()
        self.watch.start()
        self.devices.start()
        self.shop_events.start()
        self.heartbeat.start()

    def stop(self) -> None:
        """End in the other order."""
        self.heartbeat.stop()
        self.shop_events.stop()
        self.devices.stop()
        self.watch.stop()
        self.meanwhile.stop()
        self.worker.stop()
        self.keeper.stop()
        self.purse.stop()
        self.loop.stop()


def now() -> datetime:
    """Return the time, aware UTC."""
    return datetime.now(UTC)


def assemble(settings: Settings) -> Kiosk:
    """Put a kiosk together; nothing runs yet.

    Raises:
        IdentityFileError: This machine is not paired, or its file cannot be used.
        SourceUnknownError: A camera setting names no camera.
        AddressUnknownError: A setting names no device.
    """
    identity = read_identity(settings.identity_file)
    auth = SignIn(identity)
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    wiring = _Wiring()
    visit = Visit(rules=_rules(settings), ids_from=uuid4(), touched_at=now(), locale=settings.locale)
    news = News(visit)
    outbox = SqliteOutbox(settings.var_dir / "outbox.sqlite")
    source = HttpCatalogue(open_client(settings.server_url, auth))
    catalogue = CatalogueFile(settings.var_dir)
    keeper = CatalogueKeeper(source, catalogue, wiring.store_id, wiring.deliver, now)
    purse = _purse(settings, auth, identity, outbox, catalogue, keeper, wiring)
    faces = _faces(settings, identity, auth, wiring, news)
    worker, meanwhile = _shop(settings, auth, outbox, keeper, purse, wiring, faces.keys)
    heartbeat = Heartbeat(open_client(settings.server_url, auth), now)
    watch = _watch(settings, wiring, news, faces.booth)

    def ask_shop(effect: Ask) -> None:
        if not worker.submit(effect.call):
            wiring.loop.post(Unreached(effect.call, kept=False, waiting=0))

    devices = Devices(_devices(settings), wiring.deliver, wiring.slip)

    def carry_out(effect: LookEffect | DeviceEffect | PurseEffect) -> None:
        if isinstance(effect, Weigh | PrintTicket):
            devices.carry_out(effect)
        elif isinstance(effect, PurseEffect):
            purse.carry_out(effect)
        else:
            watch.carry_out(effect)

    memory = VisitFile(settings.var_dir / "visit.json")
    loop = Loop(visit, memory=memory, clock=now, ask_shop=ask_shop, carry_out=carry_out)
    wiring.loop = loop
    loop.listen(news.show)
    loop.listen(lambda visit, _: heartbeat.show(visit))
    loop.listen(lambda _visit, _seq: watch.wake())
    loop.listen(lambda visit, _seq: devices.show(waiting=help_waits(visit)))
    last_seen = LastSeenFile(settings.var_dir / "last_seen.json")
    unsent = tuple(write for write in outbox.pending() if isinstance(write, AddLine | AddSku))
    store = wiring.store = StoreFile(settings.var_dir / "store.json")
    loop.listen(store.show)
    loop.post(Started(memory.load(), last_seen.load(), unsent, store.load()))
    loop.listen(last_seen.show)
    if faces.booth is None:
        loop.post(FaceOutOfOrder())

    shop_events = _shop_events(settings, auth, keeper, faces, wiring)
    app = build(House(loop, watch, news))

    def warm() -> None:
        # On the way to the first screen the processor has better things to do.
        news.shown.wait(PAGE_SECONDS)
        faces.warm()

    kiosk = Kiosk(loop, worker, meanwhile, keeper, purse, shop_events, heartbeat, watch, devices, warm, app)
    app.router.lifespan_context = _lifespan(kiosk)
    return kiosk


class _Wiring:
    """The loop for those who are made before it."""

    loop: Loop
    store: StoreFile

    def deliver(self, event: Event) -> None:
        self.loop.deliver(event)

    def post(self, event: Event) -> bool:
        return self.loop.post(event)

    def store_id(self) -> str | None:
        store = self.loop.visit.store or self.store.load()
        return None if store is None else store.store_id

    def sight(self) -> Sight:
        return sight(self.loop.visit)

    def slip(self, effect: PrintTicket) -> Slip:
        visit = self.loop.visit
        timezone = visit.store.timezone if visit.store is not None else "UTC"
        return slip_of(effect.ticket, effect.locale, server_url=visit.rules.server_url, timezone=timezone)


def _shop(
    settings: Settings,
    auth: SignIn,
    outbox: SqliteOutbox,
    keeper: CatalogueKeeper,
    purse: Purse,
    wiring: _Wiring,
    keys: FaceKeys | None,
) -> tuple[ShopWorker, Meanwhile]:
    """Return who speaks with the store, and who answers in its place while it does not."""
    said = SaidFile(settings.var_dir / "said.json")
    till = LocalTill(lambda: keeper.now, outbox.pending, now, said.load(), said.save)

    def taken() -> None:
        till.warm()
        purse.recount()  # the floors come with the prices, also from the disk of a kiosk that starts without the store

    keeper.taken = taken
    worker = ShopWorker(HttpShop(open_client(settings.server_url, auth), keys), outbox, wiring.deliver, till=till)
    meanwhile = worker.meanwhile = Meanwhile(till, wiring.post, worker.withdraw, lambda: worker.is_online)
    return worker, meanwhile


def _purse(
    settings: Settings,
    auth: SignIn,
    identity: Identity,
    outbox: SqliteOutbox,
    catalogue: CatalogueFile,
    keeper: CatalogueKeeper,
    wiring: _Wiring,
) -> Purse:
    """Return who takes payments while the store is away."""

    def store() -> SignedBy | None:
        held, key = keeper.now, catalogue.key()
        if held is None or key is None:
            return None
        return SignedBy(key, held.head.store_id, held.assortment.rules.offline)

    grants = GrantFile(settings.var_dir / "offline.json")
    purse = Purse(outbox, identity.kiosk_id, identity.key, grants, store, now, wiring.deliver)
    keeper.reached = GrantKeeper(open_client(settings.server_url, auth), grants, now, purse.refreshed).reached
    return purse


def _shop_events(
    settings: Settings, auth: SignIn, keeper: CatalogueKeeper, faces: "_Faces", wiring: _Wiring
) -> ShopEvents:
    def open_stream(headers: dict[str, str]) -> httpx.Client:
        client = open_client(settings.server_url, auth)
        client.headers.update(headers)
        client.timeout = httpx.Timeout(QUIET_SECONDS, connect=2.0)
        return client

    place = settings.var_dir / "events.place"
    return ShopEvents(
        open_stream,
        wiring.store_id,
        wiring.deliver,
        place,
        catalogue_changed=keeper.want,
        face_key_changed=faces.come_to_key,
    )


def _devices(settings: Settings) -> DeviceSettings:
    return DeviceSettings(settings.scanner, settings.scale, settings.printer, settings.lamp)


def _rules(settings: Settings) -> Rules:
    return Rules(
        server_url=settings.server_url,
        locale=settings.locale,
        idle_seconds=settings.idle_seconds,
        look_timeout_seconds=settings.look_timeout_seconds,
        face_captures=settings.face_captures,
        challenge=settings.liveness,
        face=settings.face_camera != "none",
    )


@dataclass(frozen=True, slots=True)
class _Faces:
    """Who compares faces, and the key that they are kept under; both or neither, and then the other ways go on."""

    keys: FaceKeys | None
    booth: FaceBooth | None
    deliver: Callable[[Event], object]

    def warm(self) -> None:
        """Open the weights and ask for the key beside the rest: the page need not wait for them."""
        if self.booth is None:
            return
        try:
            self.booth.warm()
        except ModelError as problem:
            _LOG.error("paying with the face is out of order: %s", problem)
            self.deliver(FaceOutOfOrder())
        else:
            self.come_to_key()

    def come_to_key(self) -> None:
        """Come to the key in force; a store that is away is asked again before the first face."""
        if self.keys is None:
            return
        try:
            self.keys.refresh()
        except ShopUnreachableError as problem:
            _LOG.info("the key of the faces is asked for later: %s", problem)
        except ShopRefusedError as refusal:
            if refusal.code == "face_key_unknown":
                _LOG.error(
                    "paying with the face is out of order: this kiosk has another key than the one that the faces of "
                    "the store are kept under. Copy the key file of a kiosk that recognises them, and start again."
                )
                self.deliver(FaceOutOfOrder())


def _faces(settings: Settings, device: Identity, auth: SignIn, wiring: _Wiring, news: News) -> _Faces:
    """Return who compares faces; nobody without a camera or a key."""
    if settings.face_camera == "none":
        return _Faces(None, None, wiring.deliver)
    try:
        keys = FaceKeys(settings.store_key_file, device, open_client(settings.server_url, auth))
    except KeyFileError as problem:
        _LOG.error("paying with the face is out of order: %s", problem)
        return _Faces(None, None, wiring.deliver)
    place = settings.var_dir / "impostors.json"

    def open_eye() -> Eye:
        return Eye(Store(settings.models_dir), histogram=_histogram(place))

    def keep(histogram: ImpostorHistogram) -> None:
        histogram.save(place)

    booth = FaceBooth(open_eye, keys.now, wiring.deliver, news.tell, show=news.flash, keep=keep)
    return _Faces(keys, booth, wiring.deliver)


def _histogram(place: Path) -> ImpostorHistogram:
    """Return what this kiosk has seen of impostors; counts alone, and the measured table counts until they are many."""
    try:
        return ImpostorHistogram.load(place, SFACE)
    except HistogramMalformedError as problem:
        _LOG.error("thresholds are those of the table: %s", problem)
        return ImpostorHistogram.empty(SFACE)


def _watch(settings: Settings, wiring: _Wiring, news: News, booth: FaceBooth | None) -> CameraWatch:
    previews = Previews()
    bars = BarReader(wiring.deliver, news.tell, fence=_fence)
    lookers: dict[Role, Looker] = {Role.SCAN: bars}
    if booth is not None:
        lookers[Role.FACE] = booth
    stations: dict[Role, Station] = {}
    for source in sources(settings.scan_camera, settings.face_camera):
        station = Station(source, sight=wiring.sight, lookers=lookers, deliver=wiring.deliver, show=previews.show)
        stations.update(dict.fromkeys(source.roles, station))
    return CameraWatch(stations, previews, booth, wiring.sight, bars=bars)


def _fence(schedule: Schedule) -> FencedDecoder:
    return FencedDecoder(schedule=schedule)


def _lifespan(kiosk: Kiosk) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_: FastAPI) -> AsyncIterator[None]:
        kiosk.start()
        yield
        await asyncio.to_thread(kiosk.stop)

    return run
