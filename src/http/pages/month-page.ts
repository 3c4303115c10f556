import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { FINDING_KINDS } from '../../core/usage/findings.ts';
import { SECOND } from '../../core/values/instant.ts';
import { capital, sanitise } from '../../core/values/words.ts';
import { FINDING_WORDS } from '../../core/wording/findings.ts';
import type { UsageReport } from '../../traceability/usage-report.ts';
import {
  RESULTS,
  monthBeside,
  type DayOfMonth,
  type Result,
  type MonthReport,
} from '../../traceability/month.ts';
import { table } from './parts.ts';

const WORDS: Readonly<Record<Result, string>> = {
  approved: 'Approved',
  escalated: 'Handed to people',
  unknown: 'Unknown, handed to people',
  denied: 'Denied',
  abstained: 'Left alone',
};

const RANKED = 15;

/** A month at a glance: every day's requests by what became of them, how long deciding took, and whose shifts carried it. */
export function monthPage(report: MonthReport, usage: UsageReport): VNode {
  const { month, days, total, onCall, requesters, foreign } = report;
  const sum = RESULTS.reduce((all, result) => all + total[result], 0);
  return html`<div>
    <div class="monthhead">
      <h1>${monthName(month)}</h1>
      <nav aria-label="Months">
        <a rel="prev" href=${`/decisions/month/${monthBeside(month, -1)}`}
          >← ${monthName(monthBeside(month, -1))}</a
        >
        <a rel="next" href=${`/decisions/month/${monthBeside(month, 1)}`}
          >${monthName(monthBeside(month, 1))} →</a
        >
      </nav>
    </div>
    ${
      foreign === 0
        ? null
        : html`<p class="notours" role="alert">
            ${foreign} ${foreign === 1 ? 'decision' : 'decisions'} of this month were not written by this
            service, and are not counted: run
            <code>ledger verify</code>
          </p>`
    }
    <ul class="totals">
      <li class="sum"><strong>${sum}</strong> ${sum === 1 ? 'request' : 'requests'}</li>
      ${RESULTS.map((result) => html`<li class=${result}><strong>${total[result]}</strong> ${WORDS[result].toLowerCase()}</li>`)}
    </ul>
    ${sum === 0 ? html`<p class="empty">No request was decided in this month.</p>` : chart(days)}
    <div class="columns">
      ${ranking(
        'On call for approvals',
        'Approvals',
        onCall.map(({ name, approvals }) => [name, approvals]),
      )}
      ${ranking(
        'Requesters',
        'Requests',
        requesters.map(({ name, requests }) => [name, requests]),
      )}
    </div>
    ${usage.accounts === 0 ? null : usageTable(usage)} ${sum === 0 ? null : dayTable(days)}
  </div>`;
}

const WIDTH = 1_000;
const HEIGHT = 260;
const BASE = 220;
const TOP = 16;
const LEFT = 36;

function chart(days: readonly DayOfMonth[]): VNode {
  const most = Math.max(
    1,
    ...days.map(({ results: counts }) => RESULTS.reduce((sum, result) => sum + counts[result], 0)),
  );
  const top = niceTop(most);
  const y = (count: number) => BASE - (count / top) * (BASE - TOP);
  const slot = (WIDTH - LEFT) / days.length;
  return html`<figure class="chart" tabindex="0">
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby="chart-title">
      <title id="chart-title">
        Requests by day and by what became of them; the table below has the figures
      </title>
      ${[0, top / 2, top].map(
        (count) =>
          html`<g class="grid">
            <line x1=${LEFT} x2=${WIDTH} y1=${y(count)} y2=${y(count)} />
            <text x=${LEFT - 8} y=${y(count) + 5} text-anchor="end">${count}</text>
          </g>`,
      )}
      ${days.map(({ day, results: counts }, index) => {
        let below = 0;
        return html`<g>
          ${RESULTS.filter((result) => counts[result] > 0).map((result) => {
            const from = below;
            below += counts[result];
            return html`<rect
              class=${result}
              x=${round(LEFT + index * slot + slot * 0.14)}
              y=${round(y(below))}
              width=${round(slot * 0.72)}
              height=${round(y(from) - y(below))}
            />`;
          })}
          <text class="day" x=${round(LEFT + (index + 0.5) * slot)} y=${BASE + 20} text-anchor="middle">
            ${Number(day.slice(8))}
          </text>
        </g>`;
      })}
    </svg>
    <figcaption>
      <ul class="legend">
        ${RESULTS.map(
          (result) =>
            html`<li>
              <svg class="key" viewBox="0 0 12 12" aria-hidden="true">
                <rect class=${result} width="12" height="12" rx="2" />
              </svg>
              ${WORDS[result]}
            </li>`,
        )}
      </ul>
    </figcaption>
  </figure>`;
}

function dayTable(days: readonly DayOfMonth[]): VNode {
  const heads = ['Day', ...RESULTS.map((result) => WORDS[result]), 'Time to decide, median', 'longest'];
  const rows = days
    .filter(({ results: counts }) => RESULTS.some((result) => counts[result] > 0))
    .map(
      ({ day, results: counts, toDecideMs }) =>
        html`<tr>
          <th scope="row"><a href=${`/decisions?from=${day}&to=${day}`}>${day}</a></th>
          ${RESULTS.map((result) => figure(counts[result]))}
          <td>${secondsText(toDecideMs?.median)}</td>
          <td>${secondsText(toDecideMs?.longest)}</td>
        </tr>`,
    );
  return html`<section aria-labelledby="days">
    <h2 id="days">By day</h2>
    ${table({ label: 'Requests by day', kind: 'figures' }, heads, rows)}
  </section>`;
}

function usageTable({ totals, cutShort }: UsageReport): VNode {
  const findings = FINDING_KINDS.map((kind) => capital(FINDING_WORDS[kind]));
  const rows = totals.map(
    ({ rule, role, given, used, notKnown, findings: found }) =>
      html`<tr>
        <th scope="row">${rule ?? 'approved by people'}, ${sanitise(role, 80)}</th>
        ${[given, used, notKnown, ...FINDING_KINDS.map((kind) => found[kind])].map(figure)}
      </tr>`,
  );
  return html`<section aria-labelledby="usage">
    <h2 id="usage">What access was used for</h2>
    ${table(
      { label: 'Use by rule and role', kind: 'figures' },
      ['Rule, role', 'Given', 'Used', 'Not known', ...findings],
      rows,
    )}
    <p class="hint">
      ${cutShort ? 'Only a part of the month: there are more requests than a page reads. ' : null}“Not known”
      has what is not over yet too. All of it: <code>ledger usage</code>.
    </p>
  </section>`;
}

function figure(count: number): VNode {
  return html`<td class=${count === 0 ? 'zero' : ''}>${count}</td>`;
}

function ranking(title: string, second: string, rows: readonly (readonly [string, number])[]): VNode {
  const id = title.toLowerCase().replaceAll(' ', '-');
  const shown = rows.slice(0, RANKED).map(
    ([name, number]) =>
      html`<tr>
        <th scope="row">${sanitise(name, 80)}</th>
        <td>${number}</td>
      </tr>`,
  );
  return html`<section aria-labelledby=${id}>
    <h2 id=${id}>${title}</h2>
    ${shown.length === 0 ? html`<p class="empty">Nobody.</p>` : table({ label: `${second} by person`, kind: 'figures' }, ['Person', second], shown)}
    ${rows.length > RANKED ? html`<p class="hint">and ${rows.length - RANKED} more</p>` : null}
  </section>`;
}

function monthName(month: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en', {
    ...{ month: 'long', year: 'numeric', timeZone: 'UTC' },
  });
}

/** The next even figure that makes two equal steps. */
function niceTop(most: number): number {
  const steps = [2, 4, 10, 20, 40, 60, 100, 200, 400, 600, 1_000, 2_000, 4_000, 10_000];
  return steps.find((step) => step >= most) ?? Math.ceil(most / 10_000) * 10_000;
}

function secondsText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return ms < 10 * SECOND ? `${(ms / SECOND).toFixed(1)} s` : `${Math.round(ms / SECOND)} s`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
