import { type TemplateResult, html } from "lit";
import type { Say } from "../text/text";

/** What a card says before the first snapshot. */
export function noLive(say: Say, error: string | undefined): TemplateResult {
  return html`<p class="empty faint" role="status">
    ${say(error ? "live.unavailable" : "live.loading")}
  </p>`;
}

/** Something that is not there, and what to do about it. */
export function empty(icon: string, text: string, help = ""): TemplateResult {
  return html`<div class="empty">
    <ha-icon icon=${icon} aria-hidden="true"></ha-icon>
    <p>${text}</p>
    ${help ? html`<p class="faint">${help}</p>` : ""}
  </div>`;
}
