// Who signs in at the desk, and as what? Invited, given a role, let in no more: for managers alone.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { patch, post } from "./api.js";
import { clock, Do, Said, title, useAnswer, useDeeds, useHub } from "./doing.js";
import { state, useDesk } from "./state.js";

/** What each role may: what those before it may, and this. */
const ROLES = {
  viewer: "looks at everything",
  dispatcher: "also runs the day",
  manager: "also money, merchants, hubs, rate cards and people",
};

function People() {
  const hub = useHub();
  const me = useDesk(() => state.me);
  const { data, problem, again } = useAnswer("/v1/accounts");
  const [handed, hand] = useState(/** @type {any} */ (null));
  const deeds = useDeeds(again);
  const top = useRef(/** @type {HTMLElement | null} */ (null));
  if (!data) return html`<${Said} problem=${problem} loading />`;
  const run = async (deed, words) => {
    hand(null);
    const told = await deeds.run(deed, words);
    // The list may be long; how it went stands above it.
    top.current?.scrollIntoView({ block: "nearest" });
    return told;
  };
  const send = async (path, body) => {
    const told = await run(() => post(path, body), (made) => (made.mailed ? `The link is on its way to ${made.email}. It works once, and for 72 hours.` : ""));
    if (told?.invite_url) hand({ ...told, was_tried: data.can_mail && body.mail !== false });
    return told;
  };
  const people = [...data.accounts].sort((one, other) => Number(other.active) - Number(one.active));
  return html`<div ref=${top}><${Said} problem=${deeds.problem ?? problem} done=${deeds.done} /></div>
    ${handed && html`<${Link} key=${handed.invite_url} told=${handed} />`}
    <p>A role counts with the next thing that somebody does.</p>
    <ul class="rows" aria-label="People">${people.map((one) => html`<${Person} key=${one.id} one=${one} hub=${hub} isMe=${one.id === me?.id} canMail=${data.can_mail} run=${run} send=${send} />`)}</ul>
    <h3>Invite somebody</h3>
    <${Invite} canMail=${data.can_mail} send=${send} />`;
}

/** A link that somebody has to hand on: it is kept nowhere, so it stands here until the next deed. */
function Link({ told }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => field.current?.focus(), []);
  return html`<div class="said field">
    ${told.was_tried && html`<p>We cannot say that the e-mail got to ${told.email}.</p>`}
    <label class="field">Hand this link to ${told.name}. It is shown this once, works once, and for 72 hours.
      <input ref=${field} readonly value=${told.invite_url} onFocus=${(event) => event.target.select()} /></label></div>`;
}

function Person({ one, hub, isMe, canMail, run, send }) {
  const { id, name } = one;
  const link = (mail) => send(`/v1/accounts/${id}/invite`, { mail });
  const change = (body, words) => run(() => patch(`/v1/accounts/${id}`, body), words);
  const save = (event) => {
    event.preventDefault();
    const role = new FormData(event.target).get("role");
    return change({ role }, `${name} is ${role} now.`);
  };
  return html`<li aria-label=${name}><h3>${name}${isMe && html` <span class="quiet">(you)</span>`}</h3>
    <p><strong class=${one.active ? "" : "late"}>${one.active ? title(one.role) : "Blocked"}</strong>, ${one.email}</p>
    <p class="quiet">${seen(one)}${invite(one, hub)}</p>
    ${one.active ? html`<details><summary>Change<span class="hidden"> ${name}</span></summary>
      ${isMe ? html`<p class="quiet">Your own role is for another manager to change.</p>` : html`<form class="asked" onSubmit=${save}>
        <label>Role <${Roles} now=${one.role} /></label><button>Save the role</button></form>`}
      <div class="choices">
        <${Do} act=${() => link(true)}>${canMail ? "Mail" : "Make"} a link for a new password<//>
        ${canMail && html`<${Do} act=${() => link(false)}>Show such a link instead<//>`}
        <${Do} asks act=${() => run(() => post(`/v1/accounts/${id}/sign-out`), `${name} is signed out everywhere.`)}>Sign out everywhere<//>
        ${!isMe && html`<${Do} asks act=${() => change({ active: false }, `${name} is let in no more.`)}>Block<//>`}
      </div></details>` : html`<${Do} label=${`Let in again: ${name}`} act=${() => change({ active: true }, `${name} is let in again.`)}>Let in again<//>`}
  </li>`;
}

const Roles = ({ now }) => html`<select name="role">${Object.keys(ROLES).map((role) => html`<option key=${role} value=${role} selected=${role === now}>${role}</option>`)}</select>`;

function seen({ has_password, signed_in_on }) {
  if (signed_in_on) return `Last signed in on ${new Date(signed_in_on).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" })}`;
  return has_password ? "Has not signed in yet" : "Has not followed the invite";
}

function invite({ active, has_password, invite_expires_at: until }, hub) {
  if (until) return `; a link works until ${clock(until, hub, true)}`;
  return active && !has_password ? ", which has expired" : "";
}

function Invite({ canMail, send }) {
  const ask = async (event) => {
    event.preventDefault();
    const { name, email, role } = event.target.elements;
    const given = { name: name.value.trim(), email: email.value.trim(), role: role.value };
    if (await send("/v1/accounts", given)) name.value = email.value = "";
  };
  return html`<form class="stack" aria-label="Invite somebody" onSubmit=${ask}>
    <label>Name <input name="name" maxlength="120" autocomplete="off" required /></label>
    <label>E-mail <input name="email" type="email" maxlength="254" autocomplete="off" required /></label>
    <label>Role <${Roles} now="dispatcher" /></label>
    <p class="quiet">${Object.entries(ROLES).map(([role, what]) => `${title(role)}: ${what}. `)}</p>
    <div class="choices"><button class="go">${canMail ? "Mail the link" : "Make the link"}</button></div>
    <p class="quiet">${canMail ? "The link to choose a password goes to that address." : "The link to choose a password is shown to you once; hand it on yourself."}</p>
  </form>`;
}

export default { id: "people", title: "People", Panel: People };
