import type { Effect, EffectKey } from './effect.ts';
import { closingNote, liveNote, page, reviewReason } from './explain.ts';
import type { Ending, RecordedDecision } from './ledger-entry.ts';
import type { Proof } from './decision.ts';
import type { Reference } from './on-call.ts';
import { escalationService, type Escalation, type Policy } from './rule.ts';
import type { Story } from './story.ts';

/** By it our own pages are known among PagerDuty's incidents. */
export const INCIDENT_KEY_PREFIX = 'oncall-approver/';

/** Where links lead, for the texts. */
export interface Setting {
  /** Teleport's web address, for instance `teleport.example.com:443`; empty when the cluster has none. */
  readonly proxyPublicAddr: string;
}

/**
 * What is still to be done for a request, in order. It is derived from the ledger alone, after every entry and after every
 * start: that is what makes a crash harmless. An effect that was intended comes back with its first wording until it is done.
 */
export function dueEffects(story: Story, policy: Policy, setting: Setting): readonly Effect[] {
  const { decided } = story;
  if (decided === null) return [];
  const planned =
    story.ended === null
      ? whilePending(decided, policy, setting)
      : [
          ...unclearReview(story),
          ...(decided.decision.breakGlass
            ? pageFor(decided, policy, setting)
            : afterwards(story, decided, story.ended)),
        ];
  return [...planned, ...noteForTheLiveIncident(story, decided)]
    .map((effect) => story.effects.get(effect.key)?.intended ?? effect)
    .filter((effect) => !isDone(story, effect.key));
}

/** A story with nothing due and nothing to wait for. Abstentions wait for nothing: what happens to them is not ours. */
export function isSettled(story: Story, due: readonly Effect[]): boolean {
  if (story.decided === null || due.length > 0) return due.length === 0;
  return story.ended !== null || story.decided.decision.verdict === 'abstain';
}

function whilePending(decided: RecordedDecision, policy: Policy, setting: Setting): readonly Effect[] {
  switch (decided.decision.verdict) {
    case 'approve':
      return [
        { key: 'review', propose: 'approved', reason: reviewReason(decided) },
        ...(decided.decision.breakGlass ? pageFor(decided, policy, setting) : []),
      ];
    case 'deny':
      return [{ key: 'review', propose: 'denied', reason: reviewReason(decided) }];
    case 'escalate':
      return pageFor(decided, policy, setting);
    case 'abstain':
      return [];
  }
}

function pageFor(decided: RecordedDecision, policy: Policy, setting: Setting): readonly Effect[] {
  const escalation = escalationOf(decided, policy);
  const service = escalation === null ? null : escalationService(escalation, decided.request);
  if (escalation === null || service === null) return [];
  return [
    {
      key: 'page',
      service,
      urgency: escalation.urgency,
      incidentKey: incidentKeyOf(decided),
      ...page(decided, setting),
    },
  ];
}

/** Of several covering rules the first by name says where to page, so that one request has one page. */
export function escalationOf({ decision }: RecordedDecision, policy: Policy): Escalation | null {
  const covering = new Set(decision.outcomes.map((outcome) => outcome.rule));
  const rules = policy.rules.filter((rule) => covering.has(rule.name) && rule.escalate !== null);
  return rules.sort((one, other) => (one.name < other.name ? -1 : 1))[0]?.escalate ?? null;
}

/** A review that was intended when the request ended may be what ended it: that is found out, and recorded. */
function unclearReview({ effects }: Story): readonly Effect[] {
  return [effects.get('review')?.intended ?? []].flat();
}

/** The page is tidied up, but not that of broken glass, which stays open until somebody has looked at it; also one whose opening was never confirmed: it may exist all the same. */
function afterwards(story: Story, decided: RecordedDecision, ending: Ending): readonly Effect[] {
  if (!story.effects.has('page')) return [];
  const incidentKey = incidentKeyOf(decided);
  return [
    {
      key: 'closing-note',
      incidentKey,
      content: closingNote(decided, ending),
      marker: decided.decisionId,
    },
    { key: 'close-page', incidentKey },
  ];
}

/** An automatic approval leaves a note on the incident that the person is working on, once our review stands. */
function noteForTheLiveIncident(story: Story, decided: RecordedDecision): readonly Effect[] {
  const { verdict, proofs } = decided.decision;
  const proof = proofs[0];
  const ours = story.effects.get('review')?.done?.ours ?? false;
  if (verdict !== 'approve' || proof === undefined || !ours) return [];
  const found = story.effects.get('find-live-incident')?.done;
  const look = {
    key: 'find-live-incident' as const,
    services: servicesOf(proof),
    assignee: proof.row.user.id,
  };
  if (found === undefined || found === null || found.incidentId === null) return [look];
  const note = liveNote(decided);
  return [
    look,
    { key: 'live-note', incidentId: found.incidentId, content: note, marker: decided.decisionId },
  ];
}

/** The service that was asked about, or all that use the policy by which the person is on call. */
function servicesOf({ target, row }: Proof): readonly Reference[] {
  return target.kind === 'service'
    ? [{ id: target.id, summary: target.name }]
    : (row.escalation_policy?.services ?? []);
}

/** The same key whatever happens: PagerDuty refuses a second open incident with it. */
function incidentKeyOf({ request }: RecordedDecision): string {
  return `${INCIDENT_KEY_PREFIX}${request.id}`;
}

function isDone(story: Story, key: EffectKey): boolean {
  return (story.effects.get(key)?.done ?? null) !== null;
}
