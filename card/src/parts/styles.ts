import { css } from "lit";

/** Colours of a bay's states, from Home Assistant's theme. */
export const colours = css`
  :host {
    --pb-available: var(--success-color, #43a047);
    --pb-reserved: var(--cyan-color, #00838f);
    --pb-starting: var(--warning-color, #ffa600);
    --pb-charging: var(--info-color, #039be5);
    --pb-paused: var(--warning-color, #ffa600);
    --pb-offline: var(--grey-color, #8a8a8a);
    --pb-problem: var(--error-color, #db4437);
    --pb-out_of_service: var(--grey-color, #8a8a8a);
    --pb-text: var(--primary-text-color, #141414);
    --pb-faint: var(--secondary-text-color, #5e5e5e);
    --pb-line: var(--divider-color, #e0e0e0);
    --pb-gap: 16px;
  }
  * {
    box-sizing: border-box;
  }
`;

export const type = css`
  h2,
  h3,
  p,
  dl,
  dd,
  ul,
  ol {
    margin: 0;
    padding: 0;
  }
  h2 {
    font-size: var(--ha-font-size-l, 16px);
    font-weight: var(--ha-font-weight-medium, 500);
    line-height: 1.3;
    overflow-wrap: anywhere;
  }
  h3 {
    font-size: var(--ha-font-size-m, 14px);
    font-weight: var(--ha-font-weight-medium, 500);
  }
  p {
    line-height: 1.4;
  }
  .faint {
    color: var(--pb-faint);
  }
  .small {
    font-size: var(--ha-font-size-s, 12px);
  }
  .numbers {
    font-variant-numeric: tabular-nums;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

export const buttons = css`
  button,
  .button {
    font: inherit;
    font-weight: var(--ha-font-weight-medium, 500);
    color: var(--pb-text);
    background: color-mix(in srgb, var(--pb-text) 8%, transparent);
    border: 0;
    border-radius: var(--ha-border-radius-pill, 9999px);
    min-height: 40px;
    padding: 6px 16px;
    cursor: pointer;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    text-decoration: none;
    text-align: center;
    --mdc-icon-size: 20px;
  }
  button:hover,
  .button:hover {
    background: color-mix(in srgb, var(--pb-text) 14%, transparent);
  }
  button:focus-visible,
  .button:focus-visible,
  a:focus-visible,
  input:focus-visible,
  select:focus-visible,
  [tabindex]:focus-visible {
    outline: 3px solid var(--primary-color, #03a9f4);
    outline-offset: 2px;
  }
  button[disabled] {
    opacity: 0.5;
    cursor: default;
  }
  button.primary {
    background: color-mix(in srgb, var(--primary-color, #03a9f4) 78%, #000);
    color: var(--text-primary-color, #fff);
  }
  button.danger {
    background: color-mix(in srgb, var(--pb-problem) 14%, transparent);
    color: color-mix(in srgb, var(--pb-problem) 60%, var(--pb-text));
  }
  button.danger.primary {
    background: color-mix(in srgb, var(--pb-problem) 85%, #000);
    color: #fff;
  }
  button.icon {
    min-width: 40px;
    padding: 0;
    --mdc-icon-size: 22px;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
  }
  .chip {
    font-size: var(--ha-font-size-s, 12px);
    font-weight: var(--ha-font-weight-medium, 500);
    border-radius: var(--ha-border-radius-pill, 9999px);
    padding: 3px 10px;
    white-space: nowrap;
    color: color-mix(in srgb, var(--tone, var(--pb-faint)) 40%, var(--pb-text));
    background: color-mix(in srgb, var(--tone, var(--pb-faint)) 16%, transparent);
  }
  .chip.test {
    --tone: var(--pb-starting);
  }
`;

export const fields = css`
  label.field {
    display: flex;
    flex-direction: column;
    gap: 4px;
    font-size: var(--ha-font-size-s, 12px);
    color: var(--pb-faint);
    min-width: 0;
  }
  input:not([type="radio"], [type="checkbox"]),
  select {
    font: inherit;
    font-size: 16px;
    color: var(--pb-text);
    background: color-mix(in srgb, var(--pb-text) 5%, transparent);
    border: 1px solid color-mix(in srgb, var(--pb-text) 30%, transparent);
    border-radius: var(--ha-border-radius-md, 8px);
    padding: 0 10px;
    height: 42px;
    max-width: 100%;
    min-width: 0;
    color-scheme: inherit;
  }
  select option {
    color: var(--pb-text);
    background: var(--card-background-color, #fff);
  }
  input[type="radio"],
  input[type="checkbox"] {
    accent-color: var(--primary-color);
    width: 18px;
    height: 18px;
    margin: 0;
    flex: none;
  }
`;

/** Cards: their frame and what they say when there is nothing to show. */
export const frame = css`
  :host {
    display: block;
    color: var(--pb-text);
    font-size: var(--ha-font-size-m, 14px);
  }
  ha-card {
    padding: var(--pb-gap);
    display: flex;
    flex-direction: column;
    gap: 12px;
    container-type: inline-size;
    height: 100%;
  }
  .notice {
    display: flex;
    gap: 8px;
    align-items: flex-start;
    padding: 8px 12px;
    border-radius: var(--ha-border-radius-md, 8px);
    background: color-mix(in srgb, var(--tone, var(--pb-starting)) 14%, transparent);
    --mdc-icon-size: 20px;
  }
  .notice ha-icon {
    color: var(--tone, var(--pb-starting));
    flex: none;
  }
  .empty {
    text-align: center;
    padding: 24px 8px;
    display: grid;
    gap: 8px;
    justify-items: center;
    --mdc-icon-size: 40px;
  }
  .empty ha-icon {
    color: var(--pb-faint);
  }
`;
