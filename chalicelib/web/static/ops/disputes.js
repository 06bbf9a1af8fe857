// Which charges do merchants dispute, and what do the facts say? The oldest first; a manager decides.

import { html, useState } from "../../vendor/ui.js";
import { get, post } from "./api.js";
import { clock, Do, plain, Said, title, until, useAnswer, useDeeds, useHub } from "./doing.js";
import { now, state, useDesk } from "./state.js";
import { brandName } from "./words.js";

/** Why a charge stands: the API's reasons. */
const REFUSALS = {
  on_time: "It came on time",
  proof_holds: "The proof of the handover holds",
  charged_as_agreed: "It was charged as agreed",
  recipient_at_fault: "The recipient was at fault",
  merchant_at_fault: "The merchant was at fault",
  not_explained: "What is wrong was not explained",
};

/** Which of them the facts suggest. */
const SUGGESTED = { it_was_on_time: "on_time", the_proof_holds: "proof_holds", charged_as_due: "charged_as_agreed" };
const AT_FAULT = { recipient: "recipient_at_fault", merchant: "merchant_at_fault" };

function Disputes() {
  const hub = useHub();
  const { data, problem, again } = useAnswer(hub && "/v1/disputes", { hub_id: hub?.id, limit: 100 }, 30000);
  const me = useDesk(() => state.me);
  const deeds = useDeeds(again);
  if (!data) return html`<${Said} problem=${problem} loading />`;
  return html`<${Said} problem=${deeds.problem ?? problem} done=${deeds.done} />
    <p>${data.disputes.length ? `${data.disputes.length}${data.next_cursor ? " of more" : ""} to decide, the oldest first.` : "No charge is disputed."}</p>
    <ol class="rows" aria-label="Disputes">
      ${data.disputes.map((one) => html`<${Dispute} key=${one.id} one=${one} hub=${hub} role=${me?.role} deeds=${deeds} />`)}
    </ol>`;
}

function Dispute({ one, hub, role, deeds }) {
  const [seen, show] = useState(/** @type {any} */ (null));
  // The board knows the brands of its own day only.
  const whose = useAnswer(state.merchants.has(one.merchant_id) ? null : `/v1/merchants/${one.merchant_id}`).data?.name ?? brandName(one.merchant_id);
  const look = () => deeds.run(async () => show(await get(`/ops/deliveries/${one.delivery_id}`, { merchant_id: one.merchant_id })), "");
  const minutes = Math.floor((Date.parse(one.due_at) - now().getTime()) / 60000);
  const { finding } = one;
  return html`<li class="thing" aria-label=${`Order ${one.order}`}>
    <h3>${title(one.reason)}: ${one.order} <span class=${minutes < 0 ? "late" : minutes < 1440 ? "soon" : "quiet"}>decide ${until(minutes)}</span></h3>
    <p>${whose} was charged ${money(one.charged_minor, one.currency)} and disputed it ${clock(one.opened_at, hub, true)}.</p>
    <p>${one.text === null ? html`<span class="quiet">What was written went with the recipient's data.</span>` : `“${one.text}”`}</p>
    <p>The facts say: ${plain(finding.because)}${finding.party_at_fault ? `; the fault is the ${plain(finding.party_at_fault)}'s` : ""}; ${finding.owed_minor ? `${money(finding.owed_minor, one.currency)} is owed back` : "nothing is owed back"}.</p>
    ${seen ? html`<${Facts} of=${seen} hub=${hub} />` : html`<div class="choices"><button type="button" onClick=${look}>Look at the delivery</button></div>`}
    ${role === "manager" ? html`<${Decide} one=${one} deeds=${deeds} />` : role && html`<p class="quiet">A manager decides.</p>`}
  </li>`;
}

/** What is in the way of an argument: when it was promised, tried and done. */
function Facts({ of, hub }) {
  const told = [
    ["Stands", plain(of.status)],
    ["Promised", of.window && `${clock(of.window.start_time, hub, true)} to ${clock(of.window.end_time, hub)}`],
    ["Since", clock(of.updated_at, hub, true)],
    ...(of.attempts ?? []).map((try_) => [`Attempt ${try_.number}`, `${clock(try_.at, hub, true)}: ${plain(try_.reason)}`]),
  ];
  return html`<dl class="looked">${told.filter(([, words]) => words).map(([name, words]) => html`<dt key=${name}>${name}</dt><dd>${words}</dd>`)}</dl>`;
}

function Decide({ one, deeds }) {
  const digits = digitsOf(one.currency), { finding } = one;
  const suggested = SUGGESTED[finding.because] ?? AT_FAULT[finding.party_at_fault];
  const [amount, give] = useState(((finding.owed_minor || one.charged_minor) / 10 ** digits).toFixed(digits));
  const [reason, say] = useState(suggested ?? "charged_as_agreed");
  const minor = Math.round(Number(amount) * 10 ** digits);
  const accept = () => deeds.run(() => post(`/v1/disputes/${one.id}/accept`, { amount_minor: minor }), `${money(minor, one.currency)} goes back for ${one.order}.`);
  const refuse = () => deeds.run(() => post(`/v1/disputes/${one.id}/refuse`, { reason }), `The charge of ${one.order} stands.`);
  return html`<div class="asked">
      <label>Give back, ${one.currency} <input inputmode="decimal" size="8" value=${amount} onInput=${(event) => give(event.target.value)} /></label>
      <${Do} kind=${finding.owed_minor ? "go" : ""} asks label=${`Give it back: ${one.order}`} act=${accept}>Give it back<//>
    </div>
    <div class="asked">
      <label>or not: <select value=${reason} onChange=${(event) => say(event.target.value)}>
        ${Object.entries(REFUSALS).map(([code, words]) => html`<option key=${code} value=${code} selected=${code === reason}>${words}</option>`)}</select></label>
      <${Do} kind=${suggested && !finding.owed_minor ? "go" : ""} asks label=${`Let it stand: ${one.order}`} act=${refuse}>Let it stand<//>
    </div>`;
}

// As kit/money.py counts: browsers write forints and rupiahs whole, and would show a hundred times as many.
const WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
const IN_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND";
const digitsOf = (currency) => (WHOLE.includes(currency) ? 0 : IN_THOUSANDTHS.includes(currency) ? 3 : 2);

const money = (minor, currency) => {
  const digits = digitsOf(currency);
  const shape = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat("en-GB", shape).format(minor / 10 ** digits);
};

export default { id: "disputes", title: "Disputes", Panel: Disputes };
