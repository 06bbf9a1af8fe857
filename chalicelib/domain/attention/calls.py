"""What can somebody do about it? Calls of the API, with words for a button.

Each is whole: method, path and body can be sent as they stand (a test sends them all). Who knows
more than the list knows will choose better, so the first is a suggestion and nothing is done alone.
"""

from chalicelib.domain.attention.model import Call
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.matching.releases import ReleaseReason
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.kit.geo import LatLng

_REMEDIES = {
    Remedy.AGAIN_TODAY: "Try again today",
    Remedy.ANOTHER_DAY: "Try again on another day",
    Remedy.PICKUP_POINT: "Bring it to a pickup point",
    Remedy.POINT_ON_TOUR: "Leave it at a pickup point on this tour",
    Remedy.SAFE_PLACE: "Leave it in the safe place",
    Remedy.NEIGHBOUR: "Try a neighbour",
    Remedy.RETURN: "Send it back to the shop now",
}


def release(route_id: str, reason: ReleaseReason) -> Call:
    words = "Take the route from its driver and offer it again"
    return Call(
        words, "POST", f"/v1/routes/{route_id}/release", {"reason": reason.value}, asks=True
    )


def hand_over(route_id: str, driver_id: str) -> Call:
    words = "Hand the route to a driver who is free"
    path = f"/v1/routes/{route_id}/hand-over"
    return Call(words, "POST", path, {"driver_id": driver_id}, asks=True)


def ring(driver_id: str) -> Call:
    return Call("Ring the driver", "GET", f"/v1/drivers/{driver_id}")


def watch(route_id: str) -> Call:
    return Call("Look at the route", "GET", f"/v1/routes/{route_id}/eta")


def take_off(route_id: str, stop_id: str) -> Call:
    """The next wave plans it anew."""
    words = "Take it off the route, for the next wave"
    path = f"/v1/routes/{route_id}/stops/{stop_id}/move"
    return Call(words, "POST", path, {"unassign": True, "preview": True}, previews=True)


def put_on(route_id: str, ref: DeliveryRef) -> Call:
    words = "Put it on that driver's route all the same"
    body = {"merchant_id": ref.merchant_id, "delivery_id": ref.delivery_id, "preview": True}
    return Call(words, "POST", f"/v1/routes/{route_id}/deliveries", body, previews=True)


def plan_anew(hub_id: str) -> Call:
    words = "Plan what waits and what nobody took anew"
    return Call(words, "POST", "/v1/plans", {"hub_id": hub_id, "dry_run": False}, asks=True)


def shifts(hub_id: str) -> Call:
    return Call("See who works, and call somebody", "GET", f"/v1/hubs/{hub_id}/shifts")


def lift_rule(hub_id: str, rule_id: str) -> Call:
    words = "Lift the desk's rule"
    return Call(words, "DELETE", f"/v1/hubs/{hub_id}/rules/{rule_id}", asks=True)


def explain(ref: DeliveryRef) -> Call:
    path = f"/v1/deliveries/{ref.delivery_id}/explain?merchant_id={ref.merchant_id}"
    return Call("See why, and what would help", "GET", path)


def other_times(ref: DeliveryRef) -> Call:
    path = f"/v1/deliveries/{ref.delivery_id}/windows?merchant_id={ref.merchant_id}"
    return Call("See which other times there are", "GET", path)


def home(ref: DeliveryRef) -> Call:
    body = {"to": "home", "merchant_id": ref.merchant_id, "insist": True}
    path = f"/v1/deliveries/{ref.delivery_id}/redirect"
    return Call("Bring it home instead", "POST", path, body)


def send_back(ref: DeliveryRef) -> Call:
    path = f"/v1/deliveries/{ref.delivery_id}/return"
    body = {"merchant_id": ref.merchant_id}
    return Call("Send it back to the shop", "POST", path, body, asks=True)


def look_at_address(ref: DeliveryRef) -> Call:
    path = f"/v1/deliveries/{ref.delivery_id}/address?merchant_id={ref.merchant_id}"
    return Call("Look at the question and its answers", "GET", path)


def take_candidate(ref: DeliveryRef, number: int) -> Call:
    body = {"decision": "accept", "candidate": number, "merchant_id": ref.merchant_id}
    path = f"/v1/deliveries/{ref.delivery_id}/address"
    return Call("Take the one door that was found", "POST", path, body, asks=True)


def take_place(ref: DeliveryRef, position: LatLng) -> Call:
    """The place that somebody answered, which lies further away than we believe unasked."""
    where = {"latitude": position.latitude, "longitude": position.longitude}
    body = {"decision": "place", **where, "merchant_id": ref.merchant_id}
    path = f"/v1/deliveries/{ref.delivery_id}/address"
    return Call("Take the place that was answered", "POST", path, body, asks=True)


def look_at_proofs(hub_id: str) -> Call:
    return Call("Look at the pictures", "GET", f"/v1/proof-reviews?hub_id={hub_id}")


def judge(check_id: str, *, is_good: bool) -> Call:
    words, verb = (
        ("Let it count", "accept") if is_good else ("Say that it does not count", "reject")
    )
    return Call(words, "POST", f"/v1/proof-reviews/{check_id}/{verb}", asks=True)


def remedy(ref: DeliveryRef, wanted: Remedy) -> Call:
    path = f"/v1/deliveries/{ref.delivery_id}/recovery?merchant_id={ref.merchant_id}"
    words = _REMEDIES.get(wanted, "Do that now")
    body = {"remedy": wanted.value, "reason": "decided at the desk"}
    return Call(words, "POST", path, body, asks=wanted is Remedy.RETURN)


def look_at_recovery(ref: DeliveryRef) -> Call:
    path = f"/v1/deliveries/{ref.delivery_id}/recovery?merchant_id={ref.merchant_id}"
    return Call("See what else could be done", "GET", path)


def look_at_case(case_id: str) -> Call:
    return Call("Read the case and answer", "GET", f"/v1/support-cases/{case_id}")


def give_back(dispute_id: str, amount_minor: int) -> Call:
    words = "Give back what the fault table says"
    path = f"/v1/disputes/{dispute_id}/accept"
    return Call(words, "POST", path, {"amount_minor": amount_minor}, asks=True)


def look_at_dispute(dispute_id: str) -> Call:
    return Call("Read the dispute", "GET", f"/v1/disputes/{dispute_id}")


def redrive(queue: str) -> Call:
    words = "Send them all back to be done again"
    return Call(words, "POST", f"/v1/dead-letters/{queue}/redrive", {}, asks=True)


def look_at_dead_letters(queue: str) -> Call:
    return Call("Look at them", "GET", f"/v1/dead-letters/{queue}")


def settle(hub_id: str, item_id: str) -> Call:
    path = f"/v1/hubs/{hub_id}/attention/{item_id}/settle"
    return Call("I have seen to it", "POST", path, {})
