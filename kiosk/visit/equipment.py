"""The scale and the printer as the visit knows them. Losing either never stands between a shopper and the way out."""

from dataclasses import replace
from datetime import datetime

from kiosk.visit import calls, events
from kiosk.visit.effects import PrintTicket, Weigh
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.paper import paper_due
from kiosk.visit.states import State
from kiosk.visit.values import SearchHit, TicketBody
from kiosk.visit.visit import Visit, Weighing, sure

TOLD = frozenset({"scale", "printer"})  # whose loss a shopper in front of it should know; staff see all on their board


def on_device(visit: Visit, event: events.DeviceChanged) -> Outcome:
    """Remember how a device is; staff see it with the next heartbeat."""
    others = tuple(pair for pair in visit.devices if pair[0] != event.device)
    return nothing(replace(visit, devices=tuple(sorted((*others, (event.device, event.state))))))


def works(visit: Visit, device: str) -> bool:
    """Say whether a device is there and does its work; a printer low on paper does."""
    return dict(visit.devices).get(device) in {"on", "paper_low"}


def begin_weighing(visit: Visit, hit: SearchHit, now: datetime) -> Outcome:
    """Ask the scale for what the shopper chose; without a scale a colleague weighs it."""
    if not works(visit, "scale"):
        return nothing(visit.say("warn", "scale_missing", now, name=hit.name))
    visit, weigh_id = visit.fresh_id()
    visit = replace(visit, weighing=Weighing(weigh_id, hit.sku, hit.name))
    return visit.say("info", "scale_put", now, name=hit.name), (Weigh(weigh_id),)


def on_no_weight(visit: Visit, event: events.WeighingFailed, now: datetime) -> Outcome:
    """Say why there is no weight; the shopper chooses the product once more to try again."""
    if visit.weighing is None or visit.weighing.weigh_id != event.weigh_id:
        return nothing(visit)
    name = visit.weighing.name
    return nothing(replace(visit, weighing=None).say("warn", f"scale_{event.reason}", now, name=name))


def on_print(visit: Visit) -> Outcome:
    """Fetch the whole receipt in order to print it."""
    ticket = sure(sure(visit.payment).ticket)
    return replace(visit, paper="printing"), ask(calls.FetchTicket(ticket.ticket_id))


def print_where_due(visit: Visit, now: datetime) -> Outcome:
    """Begin to print where the law wants paper, and say why; a printer that cannot leads to a colleague."""
    reason = paper_due(visit.basket, visit.store.country if visit.store is not None else "")
    if reason is None or visit.payment is None or visit.payment.ticket is None:
        return nothing(visit)
    if not works(visit, "printer"):
        return nothing(visit.say("info", f"{reason}_at_desk", now))
    return on_print(visit.say("info", reason, now))


def on_ticket(visit: Visit, ticket: TicketBody) -> Outcome:
    """Print a receipt that was fetched, if its shopper still stands there."""
    if visit.state is not State.RECEIPT or visit.paper != "printing":
        return nothing(visit)
    visit, job_id = visit.fresh_id()
    return replace(visit, print_id=job_id), (PrintTicket(job_id, ticket, visit.locale),)


def on_printed(visit: Visit, event: events.Printed | events.PrintFailed, now: datetime) -> Outcome:
    """Say how printing ended. Some of a failed receipt may be on paper, so it is offered again, not repeated."""
    if visit.print_id != event.job_id:
        return nothing(visit)
    if isinstance(event, events.Printed):
        return nothing(replace(visit, paper="printed", print_id=None).say("good", "printed", now))
    return nothing(not_printed(visit, event.reason, now))


def not_printed(visit: Visit, reason: str, now: datetime) -> Visit:
    """Return the visit with a receipt that is not on paper; its code on the screen is the receipt all the same."""
    return replace(visit, paper="", print_id=None).say("warn", f"print_{reason}", now)
