import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ConditionAnswer, Verdict } from '../../core/decision.ts';
import { localText } from './reader-zone.ts';

/*
 * Small pieces that several pages are made of. Colour never says anything alone: every mark has its word, and a shape of its own.
 */

const VERDICTS: Readonly<Record<Verdict, { readonly word: string; readonly sign: string }>> = {
  approve: { word: 'Approved', sign: '✓' },
  escalate: { word: 'Handed to people', sign: '↗' },
  deny: { word: 'Denied', sign: '✕' },
  abstain: { word: 'Left alone', sign: '–' },
};

export function verdictBadge(verdict: Verdict): VNode {
  const { word, sign } = VERDICTS[verdict];
  return html`<span class=${`badge ${verdict}`}><span aria-hidden="true">${sign} </span>${word}</span>`;
}

const ANSWERS: Readonly<Record<ConditionAnswer, { readonly word: string; readonly sign: string }>> = {
  met: { word: 'met', sign: '✓' },
  'not-met': { word: 'not met', sign: '✕' },
  unknown: { word: 'unknown', sign: '?' },
};

export function answerBadge(answer: ConditionAnswer): VNode {
  const { word, sign } = ANSWERS[answer];
  return html`<span class=${`answer ${answer}`}><span aria-hidden="true">${sign} </span>${word}</span>`;
}

/** `2026-03-03 02:14:07` by the reader's clocks, with the exact instant behind it. */
export function moment(at: string): VNode {
  return html`<time datetime=${at} title=${at}>${momentText(at)}</time>`;
}

export function momentText(at: string): string {
  return localText(at);
}

export function outwardLink(href: string, text: string): VNode {
  return html`<a class=${text === href ? '' : 'out'} href=${href} rel="noreferrer noopener">${text}</a>`;
}

/** A table that scrolls by itself where it is wider than the screen; `rows` are whole. */
export function table(
  { label, kind }: { readonly label: string; readonly kind?: string },
  heads: readonly string[],
  rows: readonly VNode[],
): VNode {
  return html`<div class="scroll" role="region" aria-label=${label} tabindex="0">
    <table class=${kind}>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** A name and what it is, in a list of facts; over its whole width where `wide`. */
export function fact(name: string, value: unknown, { wide = false } = {}): VNode {
  return html`<div class=${wide ? 'wide' : undefined}>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}
