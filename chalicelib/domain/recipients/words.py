"""How is each action called, and what is said before and after it?"""

from chalicelib.domain.deliveries.instructions import IfMissed
from chalicelib.domain.merchants.recipient_actions import RecipientAction as Action
from chalicelib.domain.recipients.choices import Why
from chalicelib.kit.languages import mark

LABELS = {
    Action.RECOVERY: mark("Choose what happens next"),
    Action.NOTE: mark("Note or gate code for the driver"),
    Action.SAFE_PLACE: mark("Leave it in a safe place"),
    Action.NEIGHBOUR: mark("Give it to a neighbour"),
    Action.IF_MISSED: mark("If nobody is there"),
    Action.WINDOW: mark("Choose another time"),
    Action.PICKUP_POINT: mark("Send it to a pickup point"),
    Action.DOOR: mark("Show where the door is"),
    Action.CANCEL: mark("Cancel the delivery"),
    Action.TEXTS: mark("Text messages"),
}
LEADS = {
    Action.RECOVERY: mark(
        "Nobody could take your parcel. What is chosen below is what happens; "
        "choose something else if that suits you better."
    ),
    Action.NOTE: mark("The driver reads it at your stop. Nobody else does."),
    Action.SAFE_PLACE: mark(
        "The driver leaves it there without ringing and takes a photo. "
        "Choose a dry place that cannot be seen from the street."
    ),
    Action.NEIGHBOUR: mark("If you are not there, the driver tries this neighbour."),
    Action.IF_MISSED: mark("We do what you choose here, where we can."),
    Action.WINDOW: mark("These are the times that can still be booked."),
    Action.PICKUP_POINT: mark(
        "These are the nearest with room for it. You collect it with a code."
    ),
    Action.DOOR: mark(
        "Tell us how far the door is from where our map has it. This can be done once."
    ),
    Action.CANCEL: mark(
        "Nothing will come any more. What was picked up already goes back to the shop. "
        "Whether that costs anything is between you and the shop."
    ),
    Action.TEXTS: mark("This page stays up to date with or without text messages."),
}
#: What a button says; the key is the form's own action where there are several.
BUTTONS = {
    Action.RECOVERY: mark("Do this"),
    Action.NOTE: mark("Tell the driver"),
    Action.SAFE_PLACE: mark("Leave it there"),
    Action.NEIGHBOUR: mark("Ask this neighbour"),
    Action.IF_MISSED: mark("Choose this"),
    Action.WINDOW: mark("Bring it then"),
    Action.PICKUP_POINT: mark("Send it there"),
    Action.DOOR: mark("Move the pin"),
    Action.CANCEL: mark("Yes, cancel it"),
}
WHY_NOT = {
    Why.TOO_LATE: mark("It is too late for this."),
    Why.NEEDS_YOU: mark("Something is asked for at the door that only you can give."),
    Why.ONCE: mark("This was done already."),
    Why.OVER: mark("This is not possible for your delivery."),
}
WISHES = {
    IfMissed.ASK: mark("Ask me first"),
    IfMissed.SAFE_PLACE: mark("Leave it in my safe place"),
    IfMissed.NEIGHBOUR: mark("Give it to my neighbour"),
    IfMissed.ANOTHER_DAY: mark("Bring it another day"),
    IfMissed.PICKUP_POINT: mark("Bring it to a pickup point"),
}
#: What became of it; the key stands in the address of the page.
SAID = {
    Action.RECOVERY: mark("Thank you. That is what happens next."),
    Action.NOTE: mark("Thank you. The driver will read it."),
    Action.SAFE_PLACE: mark("Thank you. Your safe place is noted."),
    Action.NEIGHBOUR: mark("Thank you. Your neighbour is noted."),
    Action.IF_MISSED: mark("Thank you. That is what we will do."),
    Action.WINDOW: mark("Done. It comes at the time that you chose."),
    Action.PICKUP_POINT: mark("Done. It goes where you chose."),
    Action.DOOR: mark("Thank you. The pin is on your door now."),
    Action.CANCEL: mark("Done. Your delivery is cancelled."),
    Action.TEXTS: mark("Done. Your choice about text messages counts from now on."),
}
#: Why a form is shown again.
WRONG = {
    "digits": mark("That did not match. Please try again; five tries an hour count."),
    "missing": mark("Something was missing in your answer. Please try again."),
    "taken": mark("Somebody was faster: that is taken now. Please choose again."),
    "settled": mark("That is no longer possible. What can still be chosen stands here."),
    "far": mark("That is farther away than we can change here. Please ask the shop."),
    "others": mark("It is on its way already, and others would get theirs late."),
}
WINDS = {
    "n": mark("north"),
    "ne": mark("north-east"),
    "e": mark("east"),
    "se": mark("south-east"),
    "s": mark("south"),
    "sw": mark("south-west"),
    "w": mark("west"),
    "nw": mark("north-west"),
}
