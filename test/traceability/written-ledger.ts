import type { AccessRequest } from '../../src/core/access-request.ts';
import type { Cause } from '../../src/core/values/cause.ts';
import { decide } from '../../src/core/decide.ts';
import { decisionIdOf, digestOfContent } from '../../src/core/record/decision-identity.ts';
import { liveNote } from '../../src/core/wording/notes.ts';
import type { Effect } from '../../src/core/record/effect.ts';
import { noteOn } from '../../src/core/effects/note-on.ts';
import { reviewReason } from '../../src/core/wording/reviews.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { ResourceId } from '../../src/core/resources/resource.ts';
import { HOUR, instantOf, MINUTE, plusMs, type Instant } from '../../src/core/values/instant.ts';
import type { LedgerEvent, RecordedDecision } from '../../src/core/record/ledger-entry.ts';
import type { OnCallReading } from '../../src/core/on-call.ts';
import type { Policy } from '../../src/core/rule.ts';
import { sha256 } from '../../src/ledger/rows.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import type { LedgerKeys } from '../../src/ports/ledger-history.ts';
import { anOnCallRow, aRequest, recognised, someFacts } from '../support/builders.ts';

/*
 * Ledgers with stories at times of the test's own choosing, written as the service writes them: through the ledger itself, each
 * decision made by `decide`.
 */

export interface Person {
  /** Teleport user. */
  readonly user: string;
  readonly id: string;
  readonly name: string;
}

export const SAM: Person = { user: 'sam', id: 'PSAM1RE', name: 'Sam One' };
export const TAYLOR: Person = { user: 'taylor', id: 'PTAYLR2', name: 'Taylor Two' };

export interface StoryOptions {
  readonly id: string;
  readonly at: Instant;
  readonly person: Person;
  readonly reason?: string;
  readonly onCall: 'yes' | 'no' | 'unknown';
  readonly roles?: readonly string[];
  /** In a cluster that is called `root`, and in others. */
  readonly resources?: readonly ResourceId[];
}

const OUTAGE: Cause = {
  code: 'unavailable',
  message: 'PagerDuty answers 503: see its status page',
  transient: true,
};

export class WrittenLedger implements AsyncDisposable {
  readonly policy: Policy;
  readonly #ledger: SqliteLedger;
  readonly #policyDigest: string;

  private constructor(file: string, policy: Policy, keys: LedgerKeys | null) {
    this.#ledger = new SqliteLedger(file, { keys });
    this.policy = policy;
    this.#policyDigest = sha256(JSON.stringify(policy));
  }

  /** With `keys` the file has its mark already. */
  static async create(
    file: string,
    policy: Policy,
    began: Instant,
    keys: LedgerKeys | null = null,
  ): Promise<WrittenLedger> {
    const written = new WrittenLedger(file, policy, keys);
    await written.append([{ kind: 'policy', digest: written.#policyDigest, policy }], began);
    return written;
  }

  async append(events: readonly LedgerEvent[], when: Instant): Promise<void> {
    await this.#ledger.append(events, when);
  }

  get ledger(): SqliteLedger {
    return this.#ledger;
  }

  /** Request, decision and what follows from it, to the end where there is one. */
  async tell(story: StoryOptions): Promise<RecordedDecision> {
    const decided = this.decided(story);
    const { requestId, decidedAt } = decided;
    await this.append([decided], decidedAt);
    if (decided.decision.verdict === 'approve') await this.#approve(decided);
    if (decided.decision.verdict === 'escalate') {
      await this.#page(decided, story);
    }
    if (decided.decision.verdict !== 'abstain') await this.#ledger.settle(requestId, 1_000);
    return decided;
  }

  decided(story: StoryOptions): RecordedDecision {
    const request = requestOf(story);
    const facts = factsOf(story);
    const decidedAt = plusMs(story.at, 412 + (story.id.charCodeAt(0) % 7) * 90);
    const decision = decide(request, facts, this.policy, decidedAt);
    const content = { request, facts, decision, policyDigest: this.#policyDigest, decidedAt };
    return {
      kind: 'decided',
      requestId: request.id,
      number: 1,
      decisionId: decisionIdOf(request.id, 1, sha256),
      digest: digestOfContent(content, sha256),
      ...content,
    };
  }

  async #approve(decided: RecordedDecision): Promise<void> {
    const { requestId, decidedAt, decisionId } = decided;
    const reason = reviewReason(decided);
    const note = noteOn({ id: 'Q1CHECKOUT' }, 'live-note', liveNote(decided), decided);
    await this.#intend(
      requestId,
      { kind: 'review', key: 'review', decisionId, propose: 'approved', reason },
      decidedAt,
    );
    await this.#done(requestId, 'review', 'the request is approved', plusMs(decidedAt, 40));
    const ending = { state: 'approved', by: 'oncall-approver', reason } as const;
    await this.append([{ kind: 'ended', requestId, ending }], plusMs(decidedAt, 90));
    await this.#intend(requestId, note, plusMs(decidedAt, 90));
    await this.#done(requestId, 'live-note', 'the note is written', plusMs(decidedAt, 310), true);
  }

  async #page(decided: RecordedDecision, { person }: StoryOptions): Promise<void> {
    const { requestId, decidedAt } = decided;
    const page: Effect = {
      kind: 'page',
      key: 'page',
      service: 'Access requests',
      urgency: 'high',
      incidentKey: `oncall-approver/${requestId}`,
      title: `Access request: ${person.user} asks for prodaccess`,
      details: `Not approved automatically, because:\n- ${decided.decision.reasons[0]?.text ?? ''}`,
    };
    await this.#intend(requestId, page, decidedAt);
    await this.append(
      [{ kind: 'effect-failed', requestId, key: 'page', cause: OUTAGE }],
      plusMs(decidedAt, 60),
    );
    const open = 'the incident is open on service Access requests';
    await this.#done(requestId, 'page', open, plusMs(decidedAt, 1_100), true);
    const ending = { state: 'approved', by: 'sam', reason: 'helps me with the checkout' } as const;
    await this.append([{ kind: 'ended', requestId, ending }], plusMs(decidedAt, 6 * MINUTE));
  }

  async #intend(requestId: string, effect: Effect, when: Instant): Promise<void> {
    await this.append([{ kind: 'effect-intended', requestId, effect }], when);
  }

  async #done(requestId: string, key: string, summary: string, when: Instant, linked = false): Promise<void> {
    const url = linked ? 'https://acme.pagerduty.com/incidents/Q1CHECKOUT' : null;
    const incidentId = linked ? 'Q1CHECKOUT' : null;
    const outcome = { summary, ours: true, incidentId, url };
    await this.append([{ kind: 'effect-done', requestId, key, outcome }], when);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ledger.close();
  }
}

function requestOf({
  id,
  at: created,
  person,
  reason = 'checkout fails',
  ...rest
}: StoryOptions): AccessRequest {
  const { roles = ['prodaccess'], resources = [] } = rest;
  const ends = { accessExpires: plusMs(created, 8 * HOUR), requestExpires: plusMs(created, HOUR) };
  const requester = person.user;
  return aRequest({
    id,
    revision: sha256(id).slice(0, 12),
    requester,
    roles,
    resources,
    reason,
    created,
    ...ends,
  });
}

function factsOf({ at: when, person, onCall, resources }: StoryOptions): Facts {
  const { id, name, user } = person;
  return someFacts({
    rootCluster: resources === undefined ? null : 'root',
    requester: recognised({ id, name, email: `${user}@example.com` }),
    onCall: readingOf(when, person, onCall),
    reads: 1,
  });
}

/** Whoever is on call for Payments is so as primary; everybody is second for Search. */
function readingOf(when: Instant, person: Person, onCall: StoryOptions['onCall']): OnCallReading {
  if (onCall === 'unknown') return { state: 'unknown', cause: OUTAGE };
  const day = instantOf(Math.floor(Date.parse(when) / (24 * HOUR)) * 24 * HOUR);
  const user = { id: person.id, summary: person.name };
  const primary = anOnCallRow({ user, start: plusMs(day, -32 * HOUR), end: plusMs(day, 40 * HOUR) });
  const search = { id: 'PPOLCY2', summary: 'Search', services: [{ id: 'PSERVC2', summary: 'Search' }] };
  const other = anOnCallRow({
    ...{ user, escalation_policy: search, escalation_level: 2 },
    schedule: { id: 'PSCHED2', summary: 'Search secondary' },
    ...{ start: plusMs(day, -8 * HOUR), end: plusMs(day, 16 * HOUR) },
  });
  return { state: 'known', at: plusMs(when, 300), rows: onCall === 'yes' ? [primary, other] : [other] };
}
