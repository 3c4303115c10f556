import { html } from 'htm/preact';
import type { VNode } from 'preact';

/** A page that says why there is none, and where to go on. */
export function messagePage(title: string, text: string): VNode {
  return html`<div>
    <h1>${title}</h1>
    <p>${text}</p>
    <p><a href="/decisions">All decisions</a></p>
  </div>`;
}
