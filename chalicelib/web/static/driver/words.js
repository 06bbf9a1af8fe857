// What does the app say? The sentences of the driver's language, and its dates, amounts and counts.
// They stand in kit/catalogues/driver; the file of one language is fetched, docs/languages.md.

/** By their own names, so that whoever reads one finds it. @type {Record<string, string>} */
export const LANGUAGES = { en: "English", es: "Español", de: "Deutsch", ar: "العربية" };
/** @type {Record<string, string>} */
const FILES = {
  en: "./words/en.json",
  es: "./words/es.json",
  de: "./words/de.json",
  ar: "./words/ar.json",
  "en-XA": "./words/en-XA.json",
};
const CHOSEN = "lastmile-language";
const KINDS = ["zero", "one", "two", "few", "many", "other"];

/** @type {any} */
export let words = {};
export let language = "en";
let rtl = false;
/** @type {Intl.Locale} */
let locale;
/** @type {Intl.DateTimeFormat} */
let clockTime;

/** @param {string} tag */
export async function speak(tag) {
  const answer = await fetch(new URL(FILES[tag], import.meta.url));
  if (!answer.ok) throw new Error(tag);
  words = await answer.json();
  language = tag;
  rtl = tag === "ar";
  // The country is the phone's, and so are 12 or 24 hours; digits are Western, days Gregorian.
  const own = navigator.languages.find((one) => one.startsWith(`${tag}-`)) ?? tag;
  const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
  locale = new Intl.Locale(own, { numberingSystem: "latn", calendar: "gregory", hourCycle });
  clockTime = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  Object.assign(document.documentElement, { lang: tag, dir: rtl ? "rtl" : "ltr" });
  document.title = words.title;
}

/** Another language from now on, if it comes. @param {string} tag */
export async function choose(tag) {
  await speak(tag);
  localStorage.setItem(CHOSEN, tag);
}

/**
 * Begin in the language of a link (`d#lang=de`), the one that was chosen, or the phone's; without a
 * signal in one that is kept.
 * @returns {Promise<string>} the one that was meant
 */
export async function greet() {
  const linked = new URLSearchParams(location.hash.slice(1)).get("lang");
  const tags = [linked, localStorage.getItem(CHOSEN), ...navigator.languages];
  const known = tags.flatMap((tag) => [tag, tag?.split("-")[0]]).find((tag) => tag && tag in FILES);
  const meant = known ?? "en";
  for (;;) {
    for (const tag of new Set([meant, ...Object.keys(LANGUAGES)])) {
      if (await speak(tag).then(() => true, () => false)) return meant;
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}

/** A sentence with its values; right to left each stands by itself. @param {string} sentence @param {Record<string, any>} values */
export function say(sentence, values) {
  return sentence.replace(/{(\w+)}/g, (_, name) => (rtl ? `\u2068${values[name]}\u2069` : values[name]));
}

/** A sentence for so many. @param {string[]} forms @param {number} n */
export function count(forms, n) {
  const kind = new Intl.PluralRules(locale).select(n);
  return say(forms[forms.length > 2 ? KINDS.indexOf(kind) : kind === "one" ? 0 : 1], { n });
}

/** @param {string} at */
export function time(at) {
  return clockTime.format(new Date(at));
}

/** @param {string} at a day or a time */
export function day(at) {
  const shown = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "short" });
  return shown.format(new Date(at.length === 10 ? `${at}T12:00` : at));
}

/** @param {number} value @param {string} unit @param {number} [digits] */
function measure(value, unit, digits = 0) {
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: digits }).format(value);
}

/** @param {number} metres */
export function distance(metres) {
  if (metres < 950) return measure(Math.round(metres / 50) * 50, "meter");
  return measure(metres / 1000, "kilometer", metres < 9_950 ? 1 : 0);
}

/** @param {number} seconds */
export function duration(seconds) {
  const minutes = Math.max(1, Math.round(seconds / 60));
  const rest = minutes % 60;
  const parts = [minutes >= 60 && measure(Math.floor(minutes / 60), "hour"), rest && measure(rest, "minute")];
  return parts.filter(Boolean).join(" ");
}

/** Minutes and seconds, for something that runs down. @param {number} seconds */
export function countdown(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// As kit/money.py counts: browsers write forints and rupiahs whole, and would show a hundred times as many.
const WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
const IN_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND";

/** @param {number} minor @param {string} currency */
export function money(minor, currency) {
  const digits = WHOLE.includes(currency) ? 0 : IN_THOUSANDTHS.includes(currency) ? 3 : 2;
  const shape = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale, /** @type {any} */ (shape)).format(minor / 10 ** digits);
}
