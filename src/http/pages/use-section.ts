import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { LedgerEntry } from '../../core/record/ledger-entry.ts';
import { storyOf } from '../../core/record/story.ts';
import { accountOf, type Use } from '../../core/usage/account.ts';
import { countsInWords, recordingLink, resourceWords, useWords } from '../../core/wording/usage.ts';
import { sanitise } from '../../core/values/words.ts';
import { safeLink } from '../../traceability/narrative.ts';
import { moment, outwardLink, table, momentText } from './parts.ts';
import { epochMsOf, type Instant } from '../../core/values/instant.ts';

/** More than anybody reads; `ledger show` has them all. */
const USES_SHOWN = 50;

/** What the access was used for, by its last account; nothing where none was given, or nothing of its use is known yet. */
export function useSection(entries: readonly LedgerEntry[], proxyPublicAddr: string): VNode | null {
  const story = storyOf(entries);
  const last = story.used.at(-1);
  if (last === undefined) return null;
  const { evidence, stage } = last;
  const account = accountOf(evidence);
  const uses = account.uses.slice(0, USES_SHOWN);
  const asked = story.decided?.request.created ?? evidence.from;
  return html`<section aria-labelledby="use">
    <h2 id="use">What it was used for</h2>
    <p>${useWords(account, evidence)}</p>
    ${uses.length === 0 ? null : html`${useBar(uses, { ...evidence, asked })} ${usesTable(uses, evidence.cluster, proxyPublicAddr)}`}
    <p class="hint">
      ${stage === 'provisional' ? 'So far: events may come a day late. ' : null}The access could be used
      between ${moment(evidence.from)} and ${moment(evidence.until)}. What was typed is not kept, only how
      much.
    </p>
  </section>`;
}

function usesTable(uses: readonly Use[], cluster: string | null, proxyPublicAddr: string): VNode {
  const rows = uses.map(
    (use) =>
      html`<tr>
        <td class="name">
          ${use.resource === null ? 'not said' : resourceWords(use.resource)}${use.joined ? ' (joined)' : null}
        </td>
        <td>${use.login === null ? 'not said' : sanitise(use.login, 60)}</td>
        <td>${moment(use.begun)}</td>
        <td>${use.ended === null ? 'not seen to end' : moment(use.ended)}</td>
        <td>${doneWords(use)}</td>
        <td>${recording(use, cluster, proxyPublicAddr)}</td>
      </tr>`,
  );
  const heads = ['Where', 'As', 'From', 'Until', 'What', 'Recording'];
  return table({ label: 'What was done', kind: 'list' }, heads, rows);
}

function doneWords({ counts, sid }: Use): string {
  const counted = countsInWords(counts);
  return counted === '' ? (sid === null ? 'activity' : 'a session') : counted;
}

function recording(use: Use, cluster: string | null, proxyPublicAddr: string): VNode | string {
  const link = safeLink(recordingLink(use, cluster, proxyPublicAddr));
  if (link !== null) return outwardLink(link, 'Recording in Teleport');
  return use.recorded === true ? 'there is one' : use.recorded === false ? 'none' : 'not known';
}

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
function useBar(uses: readonly Use[], { asked, from, until }: Span): VNode {
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
