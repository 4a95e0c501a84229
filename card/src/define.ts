/** Make an element known, once.
 *
 * Home Assistant's page may put another registry of elements in place of the browser's
 * while it starts. An element that went into the first one is then unknown: look again
 * once the page's own element is there.
 */
export function define(tag: string, element: CustomElementConstructor): void {
  if (!customElements.get(tag)) customElements.define(tag, element);
  void customElements.whenDefined("home-assistant").then(() => {
    if (!customElements.get(tag)) customElements.define(tag, class extends element {});
  });
}
