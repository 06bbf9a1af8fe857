// What does the app say? Every text in one place, so that other languages can stand beside it.

export const words = {
  brand: "Lastmile",
  tabs: { today: "Today", map: "Map", pay: "Pay", help: "Help" },
  skip: "Skip to the main part",

  signIn: "Sign in",
  signInLead: "We text a code to the phone number that you drive with.",
  phone: "Phone number",
  phoneHint: "With the country code, as in +49 171 39200 01",
  sendCode: "Text me a code",
  code: "Code from the text",
  codeLead: (phone) => `If we know ${phone}, a code is on its way. It is good for ten minutes.`,
  otherPhone: "Another number",
  again: "Send another code",
  kept: (n) => `${count(n, "tap is", "taps are")} safe on this phone and will be sent.`,
  signOut: "Sign out",
  signOutLater: "Some taps are not sent yet. You can sign out when they are.",

  hello: (name) => (name ? `Hello ${name}` : ""),
  vehicle: "What do you drive today?",
  vehicles: { van: "Van", car: "Car", cargo_bike: "Cargo bike", walker: "On foot" },
  nextShift: (shift) => `Your next shift: ${shift}.`,
  offDuty: "You are off duty",
  offDutyLead: "Go on duty to be offered routes.",
  consent:
    "While you are on duty your position is used to offer you routes that are near, and to tell " +
    "recipients when you come. Off duty nobody looks.",
  goOn: "Go on duty",
  goOff: "Go off duty",
  needsPlace: "Your phone did not say where you are. Allow this app to see your location, then try again.",
  needsSignal: "That needs a signal. Please try again in a moment.",
  thisPhone: "Drive with this phone",
  waiting: "You are on duty",
  waitingLead: "A route will show here, with a sound. Keep the app open.",
  shiftEnds: (time) => `Until ${time}`,
  finished: "Route finished. Well done!",

  offer: "A route for you",
  offerPay: "You earn",
  offerDrive: "Distance",
  offerTime: "Takes about",
  offerStops: "Stops",
  offerEnds: "Ends near",
  offerEndsAway: (km, way) => (way ? `${km} ${way} of here` : `${km} from here`),
  offerStart: "To the first stop",
  accept: "Accept",
  decline: "No, thanks",
  noPenalty: "Saying no has no effect on later offers.",
  secondsLeft: (n) => (n > 0 ? `${n} s to decide` : "The time is up"),
  offerGone: "This route has gone to somebody else. The next one comes.",

  stopOf: (n, all) => `Stop ${n} of ${all}`,
  kinds: { pickup: "Pick up", dropoff: "Deliver", return: "Bring back" },
  statuses: { pending: "to come", arrived: "here now", done: "done", failed: "not delivered", skipped: "fell away" },
  route: "Your route",
  left: (n) => (n === 0 ? "Nothing left" : `${count(n, "stop", "stops")} left`),
  planned: (time) => `planned ${time}`,
  parcels: (n) => count(n, "parcel", "parcels"),
  navigate: "Navigate",
  navigators: { geo: "This phone's map", google: "Google Maps", apple: "Apple Maps", waze: "Waze" },
  call: "Call",
  messages: "Messages",
  unread: "new",
  sides: { recipient: "Recipient", driver: "You", desk: "Desk" },
  canned: {
    at_the_door: "I am at your door.",
    no_entrance: "I cannot find the entrance.",
    no_bell: "I cannot find your name at the bell.",
    no_parking: "I cannot stop here. Could you come out?",
    two_minutes: "I am there in two minutes.",
    come_down: "Could you come down to the entrance?",
  },
  noMessages: "Nothing was written yet. Nobody sees a number.",
  ownWords: "Your own words",
  send: "Send",
  willBeSent: "will be sent",
  closed: "You can write once this door is your next stop.",
  arrived: "I have arrived",
  done: "Done",
  pickedUp: "All on board",
  pickedUpSome: (n) => `All on board (${n} not scanned)`,
  broughtBack: "Brought back",
  cannot: "I cannot deliver",
  notes: "Note",
  told: {
    title: "From the recipient",
    changed: "Changed by the recipient",
    nothing: "Nothing any more.",
    gate_code: "Gate code",
    note: "Please note",
    safe_place: "Leave it here",
    neighbour: "Neighbour",
    if_missed: "If nobody is there",
  },
  ifMissed: {
    ask: "Ask me first",
    safe_place: "Leave it in the safe place",
    neighbour: "Give it to the neighbour",
    another_day: "Bring it another day",
    pickup_point: "Bring it to a pickup point",
  },
  scan: "Scan a parcel",
  scanStop: "Stop scanning",
  scanHint: "Hold the code in the picture.",
  typeCode: "Or type what is printed on it",
  check: "Check",
  noCamera: "The camera is not available. You can type what is printed on the parcel.",
  rightParcel: (where) => `Right: ${where}`,
  alreadyScanned: "This one is on board already.",
  otherStop: (n, address) => `Not for here. This parcel is for stop ${n}, ${address}.`,
  foreignParcel: "This parcel is not on your route. Leave it here.",
  loaded: (n, all) => `${n} of ${all} scanned`,
  openRoute: "The parcels to bring back: the way shows here as soon as there is a signal.",

  leave: "Leave at the door",
  meet: "Hand over in person",
  photo: "Take a photo",
  photoAgain: "Take another photo",
  photoTaken: "The photo of the door",
  retake: (what, address) => `Your ${what} at ${address} shows nothing. Still near? Take another one.`,
  retakeKinds: { photo: "photo", signature: "signature" },
  photoBad: "This picture could not be read. Please take another one.",
  pin: "PIN of the recipient",
  pinHint: "Four digits, on the recipient's page",
  signature: "Signature",
  signatureHint: "Sign with a finger. It is also fine to hand over the phone.",
  signatureClear: "Start again",
  id: (age) => `I saw an ID: ${age} or older`,
  cash: (money) => `I got ${money} in cash`,
  handedTo: "Who took it?",
  handedToHint: "A name, or where you left it",
  handedQuick: ["Recipient", "Neighbour", "Reception", "Safe place"],
  stillNeeded: (what) => `Still needed: ${what}`,
  needNames: { photo: "photo", barcode: "scan of the parcel", pin: "PIN", signature: "signature", id_age: "ID check", cash: "cash" },

  failTitle: "What is the matter?",
  failSteps: "Nobody there? Please try this first",
  failCall: "Call the recipient",
  failText: "Write: I am at your door",
  failWait: (time) => `Wait ${time} more`,
  failWaited: "You waited long enough",
  failSend: "Say so and go on",
  failBack: "Back to the stop",
  reasons: {
    customer_unavailable: "Nobody is there",
    customer_refused: "It was refused",
    wrong_address: "The address is wrong",
    address_unreachable: "I cannot get to the door",
    business_closed: "The shop or office is closed",
    no_safe_place: "No safe place to leave it",
    id_check_failed: "No ID, or too young",
    wrong_pin: "The PIN is not known",
    package_damaged: "The parcel is damaged",
    item_missing: "The parcel is not on board",
    driver_emergency: "I need to stop",
    other: "Something else",
  },
  waitsFirst: "after the wait",

  undo: "Undo",
  undone: { arrive: "Arrived", complete: "Done", fail: "Not delivered", message: "Message", first: "Do this next" },
  first: "Do this next",
  whyFirst: { closed: "Another one is closed", asked: "I was asked to", access: "No way in elsewhere", nearer: "It is on the way", other: "Another reason" },
  lastTap: (what, where) => `${what}: ${where}`,

  synced: "All sent",
  toSend: (n) => `${n} to send`,
  noSignal: "No signal",
  noSignalKept: (n) => `No signal, ${n} kept`,
  sheetTitle: "What is on this phone",
  sheetLead: "Every tap is kept on this phone at once and sent when there is a signal, with its own time.",
  sheetNothing: "Everything has been sent.",
  sheetPhotos: (n) => `${count(n, "picture", "pictures")} to send`,
  sendNow: "Send now",
  close: "Close",
  troubles: "Not taken",
  troublesLead: "These taps could not count. Nothing else is affected.",
  gotIt: "Got it",
  trouble: {
    wrong_pin: "The PIN was not right. Please ask again.",
    illegal_transition: "The delivery had changed meanwhile, maybe it was cancelled.",
    conflict: "The stop was over already.",
    not_found: "The stop is no longer on your route.",
    undo_too_late: "It was too late to undo that.",
    proof_missing: "Something that this door asks for was missing.",
  },

  mapTitle: "The way",
  mapLead: "Straight lines between the stops: your navigation app knows the turns.",
  mapEmpty: "The map shows your route once you have one.",
  mapFailed: "The map could not be loaded. The list has everything.",
  you: "You",

  payTitle: "Pay",
  payNothing: "Nothing yet. It shows here after your first route.",
  payOff: "Your pay cannot be shown right now.",
  week: "The last seven days",
  online: (time) => `${time} on duty`,
  routeUntil: (time) => `Route until ${time}`,
  payLines: {
    stops: "For the stops",
    distance: "For the distance",
    time: "For the time",
    failed_stops: "For failed stops",
    waiting: "For waiting",
    kept_promise: "As promised",
    guarantee: "Up to the guarantee",
    bonus: "Bonus",
    tips: "Tips",
  },
  shifts: "Your next shifts",
  shift: (day, from, to) => `${day}, ${from} to ${to}`,

  helpTitle: "Help",
  help: [
    ["No signal?", "Go on as usual. Taps and photos are kept on this phone, with the time of the tap, and sent later. You may close the app or restart the phone."],
    ["Tapped the wrong thing?", "“Undo” shows for five minutes after each tap."],
    ["Nobody there?", "Tap “I cannot deliver”. The app leads you through calling, texting and waiting, and the attempt is noted."],
    ["Wrong parcel?", "Scan it: the app says which stop it belongs to."],
  ],
  sos: "Emergency: call 112",
  install: "To have the app on your home screen: open the browser's menu and choose “Install” or “Add to home screen”.",
};

/** @param {number} n @param {string} one @param {string} many */
export function count(n, one, many) {
  return `${n} ${new Intl.PluralRules("en").select(n) === "one" ? one : many}`;
}

const clockTime = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** @param {string} at */
export function time(at) {
  return clockTime.format(new Date(at));
}

const calendarDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "short" });

/** @param {string} at a day or a time */
export function day(at) {
  return calendarDay.format(new Date(at.length === 10 ? `${at}T12:00` : at));
}

/** @param {number} metres */
export function distance(metres) {
  if (metres < 950) return `${Math.round(metres / 50) * 50} m`;
  return `${(metres / 1000).toFixed(metres < 9_950 ? 1 : 0)} km`;
}

/** @param {number} seconds */
export function duration(seconds) {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`;
}

/** Minutes and seconds, for something that runs down. @param {number} seconds */
export function countdown(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** @param {number} minor @param {string} currency */
export function money(minor, currency) {
  const shown = new Intl.NumberFormat(undefined, { style: "currency", currency });
  const digits = shown.resolvedOptions().maximumFractionDigits ?? 2;
  return shown.format(minor / 10 ** digits);
}
