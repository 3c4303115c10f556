import type { Identity } from '../../src/core/identity.ts';
import type { OnCallRow } from '../../src/core/on-call.ts';
import { emptyStory } from '../../src/core/record/story.ts';
import type { Rule } from '../../src/core/rule.ts';
import { type Instant, MINUTE, plusMs } from '../../src/core/values/instant.ts';
import { PagerDutyError, type Incident, type Resolution } from '../../src/ports/pagerduty.ts';
import type { Gathering } from '../../src/review/facts/gather-facts.ts';
import { lookAtShift } from '../../src/review/follow-up/watch-access.ts';
import {
  anOnCallRow,
  anOpenIncident,
  aPolicy,
  aRecordedDecision,
  aRule,
  NOW,
  SAM,
  someFacts,
  someRequirements,
  TAYLOR,
} from './builders.ts';
import { anIncident } from './carried.ts';
import { aSheet, SAM_IN_TELEPORT, samByEmail } from './handled.ts';

type Looking = Gathering & Parameters<typeof lookAtShift>[2];
type There = Partial<Incident> | null | Error;

export const ago = (minutes: number) => plusMs(NOW, -minutes * MINUTE);
const PAYMENTS = { id: 'PSERVC1', summary: '', type: 'service_reference' };
export const isDown = new PagerDutyError('unavailable', 'PagerDuty answers 503', { transient: true });
export const ends = (accessEnd: Partial<Rule['accessEnd']>, rule: Partial<Rule> = {}) =>
  aRule({ ...rule, accessEnd: { withShift: false, warnBeforeMs: null, ...accessEnd } });
export const asking = { require: someRequirements({ openIncident: { urgency: null, involvement: 'any' } }) };
export const incident = ends({ afterIncidentMs: 30 * MINUTE }, asking);
export const open = { status: 'triggered' } as const;
export const resolved = (minutes: number | null, who = PAYMENTS): Partial<Incident> => ({
  ...{ status: 'resolved', lastChangeAt: minutes === null ? null : ago(minutes), lastChangeBy: who },
});
export const by = ({ id, summary }: typeof SAM) => ({ id, summary, type: 'user_reference' });
const GIVEN = [anOnCallRow()];

export interface Look {
  /** Whose shifts there are; null for unknown. */
  readonly rows?: readonly OnCallRow[] | null;
  readonly incidents?: Readonly<Record<string, There>>;
  /** The incidents by which it was given. */
  readonly justified?: readonly string[];
  readonly log?: readonly Resolution[];
  readonly requester?: Identity;
  readonly lockedSince?: Instant;
  readonly timesEnded?: number;
  /** It was given for helping with the first of them. */
  readonly helped?: true;
  readonly helpers?: readonly string[] | Error;
}

/** What one look at Sam's access finds, of these rules. */
export async function look(rules: readonly Rule[], there: Look = {}) {
  const { rows = GIVEN, incidents = {}, justified = ['Q1'], helpers = [] } = there;
  const found = justified.map((id) => anOpenIncident({ id, title: `about ${id}` }));
  const facts = someFacts({
    incidents: { state: 'known', incidents: found },
    ...(there.requester === undefined ? {} : { requester: there.requester }),
  });
  const policy = aPolicy({ rules });
  const decided = aRecordedDecision({ policy, facts, endsAccess: rules });
  const { proofs, ...decision } = decided.decision;
  const helping = proofs.map((proof) => ({ ...proof, helpsWith: { id: 'Q1', title: '' } }));
  const asked: string[] = [];
  const looking = {
    ...{ users: SAM_IN_TELEPORT, nodes: null, rootCluster: null, clock: { now: () => NOW }, policy },
    ownership: { reading: () => undefined },
    addresses: { compare: () => Promise.resolve('unchanged-address') },
    roster: {
      usersByEmail: samByEmail,
      onCall: () => (asked.push('on call?'), Promise.resolve(aSheet(rows))),
    },
    incidents: {
      find(id: string) {
        const is = incidents[id] ?? null;
        asked.push(id);
        return is instanceof Error
          ? Promise.reject(is)
          : Promise.resolve(is && anIncident(id, { incidentKey: null, openedBy: PAYMENTS, ...is }));
      },
      resolutions: (id: string) => (asked.push(`log of ${id}`), Promise.resolve(there.log ?? [])),
      openOn: () =>
        Promise.resolve([
          anIncident('Q1', {
            incidentKey: null,
            openedBy: by(TAYLOR),
            service: { id: 'PSERVC1', summary: '' },
            responders: [{ user: SAM, state: 'joined', requester: null }] as never,
          }),
        ]),
      mergedOn: () => Promise.resolve([]),
      helpRequests: () =>
        helpers instanceof Error
          ? Promise.reject(helpers)
          : Promise.resolve(helpers.map((id) => ({ by: by({ id, summary: '' }), asked: [SAM.id] }))),
    },
  } as unknown as Looking;
  const story = { ...emptyStory, timesEnded: there.timesEnded ?? 0 };
  const given = there.helped ? { ...decided, decision: { ...decision, proofs: helping } } : decided;
  const came = await lookAtShift(
    story,
    given,
    looking,
    new AbortController().signal,
    there.lockedSince ?? null,
  );
  if (came.state !== 'changed')
    return { came, asked, words: came.state === 'unknown' ? `unknown: ${came.why}` : 'unchanged' };
  const { checked } = came;
  const over = checked.over === undefined ? '' : ` by ${checked.over}`;
  const end = checked.until === null ? 'null' : `${(Date.parse(checked.until) - Date.parse(NOW)) / MINUTE}`;
  return { came, asked, words: `${checked.ends ? 'ends' : 'goes on'}${over} until ${end}` };
}
