// Which language does the driver read? Chosen among all by their own names, kept on the phone.

import { html, useState } from "../../vendor/ui.js";
import { keepApp } from "./keeper.js";
import { Icon } from "./parts.js";
import { set } from "./state.js";
import { sync } from "./sync.js";
import { choose, language, LANGUAGES, words } from "./words.js";

export function Languages() {
  const [failed, setFailed] = useState(false);
  const change = async ({ target }) => {
    try {
      await choose(target.value);
      setFailed(false);
      keepApp(target.value);
    } catch {
      setFailed(true);
    }
    // Everything is said anew; after a failure the list shows what is spoken still.
    set({});
    sync();
  };
  return html`<label class="language"><span><${Icon} of="language" /> ${words.language}</span>
      <select onChange=${change}>
        ${Object.entries(LANGUAGES).map(
          ([tag, name]) => html`<option key=${tag} value=${tag} lang=${tag} selected=${tag === language}>${name}</option>`,
        )}
      </select></label>
    ${failed && html`<p class="said" role="alert">${words.needsSignal}</p>`}`;
}
