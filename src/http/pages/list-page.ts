import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { sanitise } from '../../core/values/words.ts';
import { notOurs } from '../../traceability/seal-check.ts';
import type { DecisionPage, FoundDecision } from '../../traceability/search.ts';
import { moment, momentText, table, verdictBadge } from './parts.ts';
import { fileAddress, newestAddress, olderAddress, OUTCOMES, USED, type ListQuery } from './query.ts';

/** The list of decisions with its filters. A form and links are all it needs. */
export function listPage(query: ListQuery, page: DecisionPage): VNode {
  const { found, next, cutShort } = page;
  return html`<div>
    <h1>Decisions</h1>
    ${filterForm(query)}
    ${found.length === 0 ? nothing(cutShort) : table({ label: 'Decisions, newest first', kind: 'list' }, HEADS, found.map(row))}
    ${
      cutShort && next !== null
        ? html`<p class="hint">
            The search looked back to ${momentText(next.at)} and stopped there; it goes on with “Older”.
          </p>`
        : null
    }
    <nav class="pager" aria-label="More decisions">
      ${query.before === null ? null : html`<a href=${newestAddress(query)}>← Newest</a>`}
      ${next === null ? null : html`<a rel="next" href=${olderAddress(query, next)}>Older →</a>`}
      <a href=${fileAddress(query)} download>As CSV</a>
    </nav>
  </div>`;
}

const VERDICT_CHOICES = [
  ['', 'any'],
  ['approve', 'approved'],
  ['escalate', 'handed to people'],
  ['deny', 'denied'],
  ['abstain', 'left alone'],
] as const;

function filterForm(query: ListQuery): VNode {
  type Text = 'user' | 'role' | 'rule' | 'approver' | 'resource' | 'reason' | 'request';
  const text = (name: Text, label: string) =>
    html`<div class="field">
      <label for=${name}>${label}</label>
      <input id=${name} name=${name} type="search" value=${query[name]} maxlength="200" />
    </div>`;
  const day = (name: 'from' | 'to', label: string) =>
    html`<div class="field">
      <label for=${name}>${label}</label>
      <input id=${name} name=${name} type="date" value=${query[name]} />
    </div>`;
  const choice = (name: 'outcome' | 'used', label: string, words: readonly string[]) =>
    html`<div class="field">
      <label for=${name}>${label}</label>
      <select id=${name} name=${name}>
        ${['', ...words].map(
          (word) =>
            html`<option value=${word} selected=${query[name] === word}>
              ${word === '' ? 'any' : word.replace('-', ' ')}
            </option>`,
        )}
      </select>
    </div>`;
  return html`<form class="filters" action="/decisions" method="get" role="search" aria-label="Decisions">
    ${text('user', 'Requester')} ${text('role', 'Role')} ${text('rule', 'Rule')}
    <div class="field">
      <label for="verdict">Verdict</label>
      <select id="verdict" name="verdict">
        ${VERDICT_CHOICES.map(
          ([value, word]) =>
            html`<option value=${value} selected=${query.verdict === value}>${word}</option>`,
        )}
      </select>
    </div>
    ${choice('outcome', 'Outcome', OUTCOMES)} ${text('approver', 'Approver')} ${choice('used', 'Used', USED)}
    ${text('resource', 'Resource')} ${text('reason', 'Words of the reason')} ${text('request', 'Request id')}
    ${day('from', 'From')} ${day('to', 'To')}
    <div class="field">
      <label for="held">Access held at</label>
      <input id="held" name="held" type="datetime-local" value=${query.held} />
    </div>
    <div class="field buttons"><button type="submit">Filter</button> <a href="/decisions">Clear</a></div>
    <p class="hint wide">A star stands for any text: <code>prod*</code></p>
  </form>`;
}

const HEADS = ['Time', 'Verdict', 'Outcome', 'Requester', 'Roles', 'Until', 'Used', 'Why', 'Decision'];

function row({ at, decided, became, fault = null }: FoundDecision): VNode {
  const { outcome, approver, held, used } = became;
  const { request, decision, decisionId } = decided;
  const [reason] = decision.reasons;
  const more = decision.reasons.length > 1 ? ` (and ${decision.reasons.length - 1} more)` : '';
  return html`<tr>
    <td class="when">${moment(at)}</td>
    <td>${verdictBadge(decision.verdict)}</td>
    <td>${outcome}${approver === null ? null : ` by ${sanitise(approver, 60)}`}</td>
    <td class="name">${sanitise(request.requester, 100)}</td>
    <td>${request.roles.map((role) => html`<span class="role">${sanitise(role, 60)}</span> `)}</td>
    <td class="when">${held === null ? '–' : held.until === null ? 'no end' : moment(held.until)}</td>
    <td>${used === null ? '–' : used.replace('-', ' ')}</td>
    <td class="why">
      ${fault === null ? null : html`<strong class="notours">${notOurs(fault)}</strong> `}${sanitise(reason?.text ?? '', 160)}${more}
    </td>
    <td class="id"><a href=${`/decisions/${encodeURIComponent(decisionId)}`}>${decisionId}</a></td>
  </tr>`;
}

function nothing(cutShort: boolean): VNode {
  return html`<p class="empty">
    ${cutShort ? 'Nothing that passes the filters was found so far.' : 'No decision passes these filters.'}
  </p>`;
}
