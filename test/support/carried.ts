import { expect } from 'vitest';
import type { Effect, Outcome } from '../../src/core/record/effect.ts';
import type { Ask, Incident, NewIncident, Note } from '../../src/ports/pagerduty.ts';
import { carryOut } from '../../src/review/effects/carry-out.ts';
import type { EffectAttempt } from '../../src/review/effects/effect-attempt.ts';
import type { Listed, Listing } from '../../src/review/effects/list-on-page.ts';
import { anOnCallRow, aRecordedDecision, NOW, PAYMENTS, SAM, TAYLOR } from './builders.ts';
import { aPage } from './told.ts';

const signal = new AbortController().signal;
export const KEY = 'oncall-approver/1';
const byPerson = { ...SAM, type: 'user_reference' };

export function anIncident(id: string, overrides: Partial<Incident> = {}): Incident {
  return {
    ...{ id, incidentKey: KEY, title: '', status: 'triggered', urgency: 'high', escalationPolicy: PAYMENTS },
    ...{
      service: { id: 'PSERVC2', summary: 'Access requests' },
      assignees: [SAM],
      isDirect: false,
      acknowledgements: [],
    },
    ...{
      responders: [],
      createdAt: NOW,
      openedBy: byPerson,
      lastChangeAt: null,
      lastChangeBy: null,
      mergedInto: null,
    },
    ...{ htmlUrl: `https://pd/${id}`, ...overrides },
  };
}

export interface Carried {
  readonly incidents?: readonly Incident[];
  /** Of these it is known that they were opened as they were sent. */
  readonly sent?: readonly string[];
  readonly notes?: readonly string[];
  /** What comes of each opening, one after the other; an incident unless told. */
  readonly opened?: readonly (Error | null)[];
  readonly services?: Readonly<Record<string, string | Error>>;
  readonly reached?: Incident['assignees'];
  readonly waitedOn?: boolean;
  readonly listed?: Listed;
  readonly attempt?: Partial<EffectAttempt>;
}

/** Carries out an effect; what was asked of PagerDuty and Teleport, what came of it, and what else was told. */
export async function carry(effect: Effect, there: Carried = {}) {
  const { incidents = [], sent = [], notes = [], opened = [], services = {} } = there;
  const asked: string[] = [];
  const told: unknown[] = [];
  const asks: Ask[] = [];
  let openings = 0;
  const say = <T>(words: string, answer: T, ask?: Ask): Promise<T> => {
    asked.push(words);
    if (ask !== undefined) asks.push(ask);
    return Promise.resolve(answer);
  };
  const byId = (id: string) => incidents.find((each) => each.id === id) ?? null;
  const pages = effect.kind === 'page' && effect.joins === undefined ? [effect] : [aPage()];
  const decided = aRecordedDecision();
  const attempt = {
    ...{ requestId: 'request-1', decided, effect, again: false, interruptedAt: null, onlyLook: null },
    ...{ pages: pages.map((page) => ({ page, since: NOW })), ensureHeld: () => asked.push('held?') },
    heard: (_look: unknown, silence: unknown) => told.push(silence === null ? 'answered' : 'silent'),
    listOnPage: ({ incidentId, text, again }: Listing) =>
      say(`list ${text} on ${incidentId}${again ? ' again' : ''}`, there.listed ?? 'written'),
    ...there.attempt,
  };
  const dependencies = {
    clock: { now: () => NOW },
    setting: { keyMac: () => 'mac' },
    policy: { rules: [], identities: [] },
    reporter: { foreignIncident: (foreign: unknown) => told.push(foreign) },
    ledger: { isWaitedOn: (page: string) => say(`waits on ${page}?`, there.waitedOn ?? false) },
    locks: { lockRequest: (lock: object) => say(`lock ${JSON.stringify(lock)}`, undefined) },
    directory: {
      onCallsUnder: () =>
        say('on call?', { rows: [anOnCallRow(), anOnCallRow({ user: TAYLOR, escalation_level: 2 })] }),
    },
    roster: {
      service(name: string) {
        const status = services[name] ?? 'active';
        if (status instanceof Error) return Promise.reject(status);
        return Promise.resolve({ id: name === 'Access requests' ? 'PSERVC2' : name, summary: name, status });
      },
    },
    incidents: {
      open({ key, serviceId, ...rest }: NewIncident, ask: Ask) {
        expect(rest).toEqual({
          title: 'sre-1 asks',
          details: 'approve E1B44',
          urgency: 'high',
          about: {
            requester: 'sre-1',
            roles: ['prodaccess'],
            decisionId: decided.decisionId,
            endsAt: decided.request.accessExpires,
          },
        });
        const failure = opened[openings] ?? null;
        openings += 1;
        const answer = say(
          `open ${key} on ${serviceId}`,
          anIncident(`Q${openings}`, { assignees: there.reached ?? [SAM] }),
          ask,
        );
        return failure === null ? answer : Promise.reject(failure);
      },
      allWithKey: (key: string) =>
        say(
          `with ${key}?`,
          incidents.filter((each) => each.incidentKey === key),
        ),
      wasOpenedAs: (id: string) => say(`${id} as sent?`, sent.includes(id)),
      find: (id: string) => say(`find ${id}`, byId(id)),
      notes: (id: string) =>
        say(
          `notes of ${id}`,
          notes.map((content) => ({ content }) as Note),
        ),
      addNote: (id: string, content: string, ask: Ask) => say(`note ${content} on ${id}`, undefined, ask),
      resolve: (id: string) =>
        say(`resolve ${id}`, byId(id) && { incident: byId(id), before: byId(id)?.status === 'resolved' }),
      openOn: (ids: readonly string[]) => say(`open on ${ids.join()}?`, incidents),
      moveTo: (id: string, level: number, ask: Ask) => say(`${id} to level ${level}`, undefined, ask),
    },
  } as unknown as Parameters<typeof carryOut>[1];
  const outcome = await carryOut(attempt, dependencies, signal);
  return {
    did: asked.join(', '),
    came: inWords(outcome),
    told,
    asks,
    desk: outcome.desk,
    reaches: outcome.reaches,
  };
}

function inWords({ summary, ours, incidentId }: Outcome): string {
  return [ours ? [] : 'not ours', incidentId ?? []].flat().join(' ').replace(/.$/u, '$&: ') + summary;
}
