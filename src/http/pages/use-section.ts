import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { LedgerEntry } from '../../core/record/ledger-entry.ts';
import { storyOf } from '../../core/record/story.ts';
import { accountOf, type Use } from '../../core/usage/account.ts';
import { countsInWords, recordingLink, resourceWords, useWords } from '../../core/wording/usage.ts';
import { sanitise } from '../../core/values/words.ts';
import { safeLink } from '../../traceability/narrative.ts';
import { moment, outwardLink, table } from './parts.ts';
import { useBar } from './use-bar.ts';

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
