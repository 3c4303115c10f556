import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Effect } from '../../core/record/effect.ts';
import { endingWords } from '../../core/wording/notes.ts';
import type { LedgerEntry, RecordedAnswer, RecordedDecision } from '../../core/record/ledger-entry.ts';
import { storyOf } from '../../core/record/story.ts';
import { capital, sanitise } from '../../core/values/words.ts';
import { keyWords, textsOf, type Step } from '../../traceability/narrative.ts';
import { fact, moment, outwardLink } from './parts.ts';

/** Everything that happened, in the order of the ledger. The texts that were sent have a section of their own. */
export function timelineSection(steps: readonly Step[]): VNode {
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">What happened</h2>
    <ol class="timeline">
      ${steps.map(
        ({ at, seq, kind, title, details, link }) =>
          html`<li class=${kind}>
            <p class="when">
              ${moment(at)}${seq === null ? null : html` <span class="seq">entry ${seq}</span>`}
            </p>
            <div>
              <p class="what">${title}</p>
              ${kind === 'intended' ? null : details.map((line) => html`<p class="detail">${line}</p>`)}
              ${link === null ? null : html`<p class="detail">${outwardLink(link, link)}</p>`}
            </div>
          </li>`,
      )}
    </ol>
  </section>`;
}

/** Reviews as Teleport had them when it was decided last, and who ended it. */
export function votesSection({ request }: RecordedDecision, entries: readonly LedgerEntry[]): VNode {
  const { ended, answers } = storyOf(entries);
  return html`<section aria-labelledby="votes">
    <h2 id="votes">Votes</h2>
    ${
      request.reviews.length === 0
        ? html`<p>Nobody had reviewed it when it was decided.</p>`
        : html`<ul class="votes">
            ${request.reviews.map(
              ({ author, proposedState, reason, created }) =>
                html`<li>
                  ${sanitise(author, 100)}:
                  ${proposedState}${created === null ? null : html`, ${moment(created)}`}
                  ${reason === '' ? null : html`<blockquote>${sanitise(reason, 2_000)}</blockquote>`}
                </li>`,
            )}
          </ul>`
    }
    ${answers.length === 0 ? null : answersView(answers)}
    <p>${ended === null ? 'The request is still open.' : `${sanitise(endingWords(ended), 300)}.`}</p>
    ${ended === null || ended.reason === '' ? null : html`<blockquote>${sanitise(ended.reason, 2_000)}</blockquote>`}
  </section>`;
}

function answersView(answers: readonly RecordedAnswer[]): VNode {
  return html`<ul class="votes">
    ${answers.map(
      ({ answer, counted, why }) =>
        html`<li>
          ${sanitise(answer.by.name, 100)} in PagerDuty, ${moment(answer.at)}:
          ${answer.propose ?? 'not understood'}${counted ? ', counted' : ', not counted'}
          (${sanitise(why, 300)})
          ${answer.reason === '' ? null : html`<blockquote>${sanitise(answer.reason, 1_000)}</blockquote>`}
        </li>`,
    )}
  </ul>`;
}

/** The notes, pages and review reasons, word for word. */
export function writtenSection(entries: readonly LedgerEntry[]): VNode | null {
  const { effects } = storyOf(entries);
  const written = [...effects.values()].flatMap(({ intended, done }) => {
    const text = textOf(intended);
    return text === '' ? [] : [{ where: capital(keyWords(intended.key)), text, done }];
  });
  if (written.length === 0) return null;
  return html`<section aria-labelledby="written">
    <h2 id="written">What was written</h2>
    ${written.map(
      ({ where, text, done }) =>
        html`<div class="written">
          <h3>
            ${where}
            <span class="hint">${done === null ? 'not confirmed' : sanitise(done.summary, 200)}</span>
          </h3>
          <div class="scroll" role="region" aria-label=${where} tabindex="0"><pre>${text}</pre></div>
        </div>`,
    )}
  </section>`;
}

function textOf(effect: Effect): string {
  const lines = textsOf(effect).flatMap((text) => text.split('\n'));
  return lines.map((line) => sanitise(line, 2_000)).join('\n');
}

/** How to find this request in the ledger, and to prove that the ledger was not changed. */
export function proofSection(entries: readonly LedgerEntry[], decisions: readonly RecordedDecision[]): VNode {
  const [first, last] = [entries[0], entries.at(-1)];
  const extent = html`${first?.seq ?? 0} to ${last?.seq ?? 0} of the ledger; the last one’s hash is${' '}
    <span class="mono">${last?.hash ?? ''}</span>`;
  return html`<section aria-labelledby="proof">
    <h2 id="proof">Proof</h2>
    <dl class="facts">
      ${decisions.map(({ decisionId, digest, decidedAt }) =>
        fact(
          `Decision ${decisionId}`,
          html`${moment(decidedAt)}, digest <span class="mono">${digest}</span>`,
          { wide: true },
        ),
      )}
      ${fact('Entries', extent, { wide: true })}
    </dl>
    <p>
      Decision id and digest also stand in Teleport’s review reason and in PagerDuty’s notes. To check the
      chain and to derive every decision again:
    </p>
    <pre>oncall-approver ledger verify --config FILE --against teleport,pagerduty</pre>
  </section>`;
}
