import type { AccessRequest } from '../../src/core/access-request.ts';
import type { TargetFact } from '../../src/core/facts.ts';
import type { OnCallRow } from '../../src/core/on-call.ts';
import type { Policy, Rule } from '../../src/core/rule.ts';
import { plusMs } from '../../src/core/values/instant.ts';
import { PagerDutyError, type Incident } from '../../src/ports/pagerduty.ts';
import { gatherFacts, type GatherContext, type Gathering } from '../../src/review/facts/gather-facts.ts';
import {
  aPolicy,
  aRequest,
  aRule,
  anOnCallRow,
  aTeleportUser,
  NOW,
  ROOT_CLUSTER,
  SAM,
  someRequirements,
  TAYLOR,
} from './builders.ts';
import { anIncident } from './carried.ts';
import { aSheet, samByEmail } from './handled.ts';

export const isDown = new PagerDutyError('unavailable', 'PagerDuty answers 503', { transient: true });
export const live = (id: string, overrides: Partial<Incident> = {}) =>
  anIncident(id, {
    incidentKey: null,
    openedBy: { id: 'PSERVC1', summary: '', type: 'service_reference' },
    service: { id: 'PSERVC1', summary: '' },
    ...overrides,
  });
export const incident = aRule({
  require: someRequirements({ openIncident: { urgency: null, involvement: 'any' } }),
});
export const helping = aRule({ responders: true });

export interface There {
  readonly policy?: Partial<Policy>;
  readonly request?: Partial<AccessRequest>;
  readonly rows?: readonly OnCallRow[] | null;
  readonly open?: readonly Incident[] | Error;
  readonly merged?: readonly { readonly merged: Incident; readonly into: Incident }[];
  /** Whom the log of these incidents names as who asked for help. */
  readonly asking?: Readonly<Record<string, string | Error>>;
  readonly reopenedBy?: string;
  readonly context?: Partial<GatherContext>;
  readonly clockBehindMs?: number;
  readonly isSilent?: true;
  readonly targets?: readonly TargetFact[];
}

/** What is gathered for a request of Sam's, and what was asked for it. */
export async function gather(rules: readonly Rule[], there: There = {}) {
  const asked: string[] = [];
  const say = <T>(words: string, answer: T | Error): Promise<T> => {
    asked.push(words);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const { rows = [anOnCallRow()], open = [], merged = [], asking = {} } = there;
  const gathering = {
    users: { user: () => say('user', aTeleportUser()), loginState: () => say('login', null) },
    nodes: {
      hostNames: (ids: readonly string[]) => say(`names of ${ids.join()}`, new Map([['node-1', 'web-1']])),
      labels: () => say('labels', new Map()),
    },
    rootCluster: ROOT_CLUSTER,
    roster: {
      onCall: (
        targets: readonly { readonly asked: string }[],
        { onRead, signal }: { onRead?: () => void; signal: AbortSignal },
      ) => {
        onRead?.();
        if (there.isSilent)
          return new Promise((_done, fail) => signal.addEventListener('abort', () => fail(isDown)));
        return say(`on call for ${targets.map(({ asked: name }) => name).join()}`, {
          ...aSheet(rows),
          ...(there.targets === undefined ? {} : { targets: there.targets }),
        });
      },
      usersByEmail: () => {
        asked.push('by e-mail');
        return samByEmail();
      },
    },
    ownership: { reading: () => undefined },
    addresses: { compare: () => Promise.resolve('unchanged-address') },
    clock: { now: () => plusMs(NOW, -(there.clockBehindMs ?? 0)) },
    incidents: {
      openOn: (ids: readonly string[]) => say(`open on ${ids.join()}`, open),
      mergedOn: (ids: readonly string[], since: string) =>
        say(`merged on ${ids.join()} since ${since}`, merged),
      helpRequests: (id: string) => {
        const by = asking[id] ?? [];
        return say(
          `log of ${id}`,
          by instanceof Error
            ? by
            : [by]
                .flat()
                .map((who) => ({ by: { id: who, summary: who, type: 'user_reference' }, asked: [SAM.id] })),
        );
      },
      resolutions: (id: string) =>
        say(
          `resolutions of ${id}`,
          there.reopenedBy === undefined
            ? []
            : [{ at: NOW, reopenedBy: { id: there.reopenedBy, summary: '', type: 'user_reference' } }],
        ),
    },
    policy: aPolicy({ rules, ...there.policy }),
  } as unknown as Gathering;
  const facts = await gatherFacts(aRequest(there.request), gathering, {
    signal: new AbortController().signal,
    reviewRefused: null,
    ...there.context,
  });
  return { facts, asked, gathering };
}

export const needed = { responders: [{ user: SAM, state: 'pending', requester: null }] };
export const service = { id: 'PSERVC1', summary: '', type: 'service_reference' };
export const off = [anOnCallRow({ user: TAYLOR })];
export const since = 'merged on PSERVC1 since 2026-02-24T02:14:07.000Z';
