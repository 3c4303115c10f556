import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { RuleAhead } from '../../core/forecast/forecast.ts';
import type { OnCallAhead } from '../../core/forecast/on-call-ahead.ts';
import type { Instant } from '../../core/values/instant.ts';
import { listed, sanitise } from '../../core/values/words.ts';
import type { OpenAccess, Present, WaitingRequest } from '../../traceability/present.ts';
import type { Readiness } from '../../telemetry/readiness.ts';
import { notOurs } from '../../traceability/seal-check.ts';
import { safeLink } from '../../traceability/narrative.ts';
import { moment, outwardLink } from './parts.ts';

/** Whom a page asks, as PagerDuty had it a moment ago; in words where that is not known. */
export interface Asked {
  readonly status: 'triggered' | 'acknowledged' | 'resolved';
  readonly now: readonly { readonly summary: string }[];
  readonly next: {
    readonly people: readonly { readonly summary: string }[];
    readonly at: Instant | null;
  } | null;
}

/** Who is on call for a rule at the moment, and what they would get by themselves. */
export interface OnDuty {
  readonly rule: RuleAhead;
  readonly roles: readonly string[];
  readonly people: readonly (Pick<OnCallAhead, 'user'> & {
    readonly until: Instant;
    readonly approvable: boolean;
  })[];
}

export interface NowView {
  readonly at: Instant;
  /** Whether the browser asks for it again by itself; who reads slowly can have it stay. */
  readonly renews: boolean;
  readonly present: Present;
  readonly asked: ReadonlyMap<string, Asked | null>;
  /** Null until PagerDuty was looked at for the first time. */
  readonly duty: { readonly readAt: Instant; readonly rules: readonly OnDuty[] } | null;
  readonly dutyProblem: string | null;
  readonly readiness: Readiness | null;
}

/** What goes on at this moment, from top to bottom as somebody at night needs it. */
export function nowPage(view: NowView): VNode {
  const { present, asked, duty, dutyProblem, readiness } = view;
  return html`<div class="nowpage">
    <h1>Now</h1>
    <p class="hint">
      As of ${moment(view.at)};${' '}
      ${
        view.renews
          ? html`this page renews itself every half-minute (<a href="/now?renew=off">stop that</a>).`
          : html`this page stays as it is (<a href="/now">renew it</a>).`
      }
    </p>
    <section aria-labelledby="waiting">
      <h2 id="waiting">What waits</h2>
      ${
        present.waiting.length === 0
          ? html`<p class="empty">No request waits for anybody.</p>`
          : html`<ul class="cards">
              ${present.waiting.map((each) => waitingCard(each, asked))}
            </ul>`
      }
    </section>
    <section aria-labelledby="duty">
      <h2 id="duty">Who is on call</h2>
      ${
        duty === null
          ? html`<p class="empty unknown">
              ${dutyProblem === null ? 'PagerDuty has not been asked yet.' : `PagerDuty’s rotas could not be read: ${sanitise(dutyProblem, 300)}`}
            </p>`
          : html`<ul class="cards">
                ${duty.rules.map(dutyCard)}
              </ul>
              <p class="hint">
                By PagerDuty’s rotas as read at${' '}
                ${moment(duty.readAt)}${dutyProblem === null ? null : html`; since then: ${sanitise(dutyProblem, 300)}`}.${' '}
                <a href="/forecast">What is to come</a>
              </p>`
      }
    </section>
    <section aria-labelledby="access">
      <h2 id="access">Open access</h2>
      ${
        present.access.length === 0
          ? html`<p class="empty">No access that this service knows of goes on.</p>`
          : html`<ul class="cards">
              ${present.access.map(accessCard)}
            </ul>`
      }
      ${present.cutShort ? html`<p class="hint">There is more than one page shows: see <a href="/decisions">all decisions</a>.</p>` : null}
    </section>
    ${readiness === null ? null : healthSection(readiness)}
  </div>`;
}

function waitingCard(
  { requestId, decided, since, forged, pages }: WaitingRequest,
  asked: NowView['asked'],
): VNode {
  const requester = decided === null ? requestId : sanitise(decided.request.requester, 100);
  const [reason] = decided?.decision.reasons ?? [];
  return html`<li class="card">
    <h3><a href=${`/decisions/${encodeURIComponent(decided?.decisionId ?? requestId)}`}>${requester}</a></h3>
    <p>${decided === null ? 'not decided yet: facts are missing' : rolesOf(decided.request.roles)}</p>
    ${forgedView(forged)}
    <p class="hint">waits since ${moment(since)}</p>
    ${reason === undefined ? null : html`<p>${sanitise(reason.text, 200)}</p>`}
    ${
      pages.length === 0
        ? html`<p class="asked">Nobody is asked by a page: it is answered in Teleport, or decided again.</p>`
        : pages.map((page) => pageView(page, asked.get(page.incidentId)))
    }
  </li>`;
}

/** Of a further team its rule says whose page it is. */
function pageView({ team, url }: WaitingRequest['pages'][number], asked: Asked | null | undefined): VNode {
  const link = safeLink(url);
  const whose = team === null ? null : html`By rule <strong>${sanitise(team, 60)}</strong>:${' '}`;
  return html`<p class="asked">${whose}${askedWords(asked)}</p>
    ${link === null ? null : html`<p>${outwardLink(link, 'Page in PagerDuty')}</p>`}`;
}

function askedWords(asked: Asked | null | undefined): VNode | string {
  if (asked === undefined) return 'A page is open; whom it asks is not known at the moment.';
  if (asked === null) return 'Its page is gone from PagerDuty: it is answered in Teleport.';
  const now = asked.now.length === 0 ? 'nobody' : names(asked.now);
  if (asked.status === 'resolved') return 'Its page was resolved.';
  if (asked.status === 'acknowledged') return `${now} has acknowledged the page; nobody else is asked.`;
  return html`Asked now: ${now}.${' '}
  ${
    asked.next === null
      ? 'Nobody is asked after them.'
      : html`Next:${' '}
        ${names(asked.next.people)}${asked.next.at === null ? null : html`, at ${moment(asked.next.at)}`}.`
  }`;
}

function names(people: readonly { readonly summary: string }[]): string {
  return listed(people.slice(0, 5).map(({ summary }) => sanitise(summary, 60)));
}

function dutyCard({ rule, roles, people }: OnDuty): VNode {
  return html`<li class="card">
    <h3>
      ${sanitise(rule.rule, 100)}${rule.mode === 'shadow' ? html` <span class="hint">in shadow</span>` : null}
    </h3>
    <p>${rolesOf(roles)}</p>
    ${
      people.length === 0
        ? html`<p class="answer not-met">✕ nobody is on call</p>`
        : html`<ul class="plain">
            ${people.map(
              ({ user, until, approvable }) =>
                html`<li>
                  <strong>${sanitise(user.summary, 60)}</strong>
                  <span class=${`answer ${approvable ? 'met' : 'not-met'}`}
                    >${approvable ? '✓ would be approved' : '✕ would not be approved'}</span
                  >
                  <span class="hint">until ${moment(until)}</span>
                </li>`,
            )}
          </ul>`
    }
  </li>`;
}

function accessCard({ decided, until, by, forged }: OpenAccess): VNode {
  return html`<li class="card">
    <h3>
      <a href=${`/decisions/${encodeURIComponent(decided.decisionId)}`}
        >${sanitise(decided.request.requester, 100)}</a
      >
    </h3>
    <p>${rolesOf(decided.request.roles)}</p>
    ${forgedView(forged)}
    <p class="hint">
      approved by ${by === null ? 'somebody' : sanitise(by, 100)};${' '}
      ${until === null ? 'no end is known' : html`ends at ${moment(until)}`}
    </p>
  </li>`;
}

function forgedView(forged: string | null): VNode | null {
  return forged === null ? null : html`<p class="answer not-met">✕ ${notOurs(forged)}</p>`;
}

function rolesOf(roles: readonly string[]): readonly VNode[] {
  return roles.map((role) => html`<span class="role">${sanitise(role, 60)}</span> `);
}

const PART_WORDS = {
  ok: ['met', '✓ works'],
  degraded: ['unknown', '! with a warning'],
  starting: ['unknown', '… is starting'],
  failed: ['not-met', '✕ does not work'],
} as const;

function healthSection({ parts }: Readiness): VNode {
  return html`<section aria-labelledby="health">
    <h2 id="health">Health</h2>
    <ul class="plain">
      ${Object.entries(parts).map(
        ([name, { state, reason }]) =>
          html`<li>
            <strong>${name}</strong>
            <span class=${`answer ${PART_WORDS[state][0]}`}>${PART_WORDS[state][1]}</span>
            <span class="hint">${sanitise(reason, 200)}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}
