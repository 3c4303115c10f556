import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Use } from '../../core/usage/account.ts';
import { resourceWords } from '../../core/wording/usage.ts';
import { epochMsOf, type Instant } from '../../core/values/instant.ts';
import { momentText } from './parts.ts';

const WIDTH = 1_000;
const LANE_HEIGHT = 44;
const TOP = 26;
const BOTTOM = 30;

interface Span {
  readonly asked: Instant;
  readonly from: Instant;
  readonly until: Instant;
}

/** Sessions as bars on one axis of time, from the request to the end of the access; the table below has the same in figures. */
export function useBar(uses: readonly Use[], { asked, from, until }: Span): VNode {
  const ends = uses.map(({ begun, ended }) => epochMsOf(ended ?? (begun > until ? begun : until)));
  const begin = Math.min(epochMsOf(asked), ...uses.map(({ begun }) => epochMsOf(begun)));
  const end = Math.max(epochMsOf(until), ...ends);
  const x = (ms: number) => Math.round(((ms - begin) / Math.max(1, end - begin)) * WIDTH * 10) / 10;
  const height = TOP + uses.length * LANE_HEIGHT + BOTTOM;
  const marks = [
    { at: asked, words: 'asked' },
    { at: from, words: 'approved' },
    { at: until, words: 'access ends' },
  ];
  return html`<figure class="shifts" tabindex="0">
    <svg viewBox=${`0 0 ${WIDTH} ${height}`} role="img" aria-labelledby="use-title use-text">
      <title id="use-title">What was done, from the request to the end of the access</title>
      <desc id="use-text">${uses.map((use) => `${useText(use)}.`).join(' ')}</desc>
      ${marks.map(({ at, words }, index) => {
        const place = x(epochMsOf(at));
        const anchor = place > WIDTH * 0.75 ? 'end' : place < WIDTH * 0.25 ? 'start' : 'middle';
        return html`<g class="tick">
          <line x1=${place} x2=${place} y1=${TOP - 6} y2=${height - BOTTOM + 6} />
          <text x=${place} y=${index === 1 ? 13 : height - 8} text-anchor=${anchor}>
            ${words} ${momentText(at).slice(11, 16)}
          </text>
        </g>`;
      })}
      ${uses.map((use, index) => {
        const [start, stop] = [x(epochMsOf(use.begun)), x(ends[index] ?? end)];
        const y = TOP + index * LANE_HEIGHT;
        return html`<g class="lane proves">
          <rect
            x=${Math.min(start, WIDTH - 3)}
            y=${y + 20}
            width=${Math.max(3, stop - start)}
            height="16"
            rx="4"
          />
          <text x=${Math.min(start, WIDTH * 0.6)} y=${y + 14}>${useText(use)}</text>
        </g>`;
      })}
    </svg>
  </figure>`;
}

/** `web-1, 02:20 to 02:41` */
function useText({ resource, begun, ended }: Use): string {
  const where = resource === null ? 'session' : resourceWords(resource);
  return `${where}, ${momentText(begun).slice(11, 16)} to ${ended === null ? 'not seen to end' : momentText(ended).slice(11, 16)}`;
}
