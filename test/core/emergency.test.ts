import { describe, expect, it } from 'vitest';
import { met } from '../../src/core/conditions/condition.ts';
import { decide } from '../../src/core/decide.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { Rule } from '../../src/core/rule.ts';
import { NOT_LISTENED, type Silence, type SilenceReading } from '../../src/core/silence.ts';
import {
  aCause,
  aLasting,
  anEscalation,
  aPolicy,
  aRequest,
  aResource,
  aRule,
  aSilence,
  aWhen,
  NOW,
  SILENT,
  someFacts,
  someTargets,
} from '../support/builders.ts';
import { decided, offCall, unreachable } from './deciding.ts';

const glass = aRule({ name: 'glass', breakGlass: true, onCall: someTargets({ services: [] }) });
const ordinary = aRule({ name: 'ordinary' });

function heard(reads: SilenceReading): Silence {
  return { ...NOT_LISTENED, reads };
}

function asked(facts: Partial<Facts>, { rules = [glass, ordinary] }: { rules?: readonly Rule[] } = {}) {
  return decided({ facts, rules });
}

describe('an emergency', () => {
  it.each<[string, Partial<Facts>, string]>([
    ['too short', { ...unreachable, silence: heard(aSilence({ forMs: 119_999 })) }, 'PagerDuty is silent'],
    ['by two questions', { ...unreachable, silence: heard(aSilence({ times: 2 })) }, 'PagerDuty is silent'],
    [
      'a moment too short when the page was to be opened',
      { ...unreachable, silence: { reads: { state: 'answered' }, pages: aSilence({ forMs: 119_999 }) } },
      'PagerDuty is silent',
    ],
    [
      'for a while in which nobody was on call',
      { ...offCall, approvers: { state: 'known', reachable: false, lasting: aLasting({ forMs: 60_000 }) } },
      'nobody is on call who could be paged',
    ],
    [
      'in a single look at who is on call',
      { ...offCall, approvers: { state: 'known', reachable: false } },
      'nobody is on call who could be paged',
    ],
  ])('waits for what has lasted %s, and says so', (_how, facts, what) => {
    const decision = asked(facts);

    expect(decision).toMatchObject({ verdict: 'escalate', breakGlass: false, provisional: true });
    expect(decision.outcomes.at(-1)).toMatchObject({
      verdict: 'abstain',
      conditions: [
        {
          name: 'emergency',
          answer: 'unknown',
          transient: true,
          detail: `${what}, which is an emergency once it has lasted 2 min`,
        },
        {},
      ],
    });
  });

  it('waits as long as the most patient of the covering rules: one role more must not hurry it', () => {
    const hasty = aRule({ name: 'hasty', escalate: anEscalation({ decideWithinMs: 1_000 }) });
    const patient = { ...glass, escalate: anEscalation({ decideWithinMs: 120_001 }) };
    const unpaging = { ...ordinary, escalate: null };

    expect(asked(unreachable, { rules: [glass, hasty] })).toMatchObject({ breakGlass: true });
    expect(asked(unreachable, { rules: [patient, hasty] })).toMatchObject({ breakGlass: false });
    expect(asked(unreachable, { rules: [{ ...glass, escalate: null }, unpaging] })).toMatchObject({
      breakGlass: true,
    });
    expect(asked(unreachable, { rules: [glass, ordinary, { ...patient, mode: 'shadow' }] })).toMatchObject({
      breakGlass: true,
    });
  });

  it('lets in when nobody has been on call for as long', () => {
    const approvers = { state: 'known', reachable: false, lasting: aLasting() } as const;

    expect(asked({ ...offCall, approvers }).outcomes.at(-1)?.conditions[0]).toEqual(
      met('emergency', 'nobody is on call who could be paged'),
    );
  });

  it('is not what keeps a rule from being known to apply, be it asked for again', () => {
    const ofNodes = aRule({
      name: 'nodes',
      when: aWhen({ resources: { kinds: ['node'], names: ['db-*'] } }),
    });
    const hostNames = { state: 'unknown', cause: aCause() } as const;
    const request = { resources: [aResource({ kind: 'node', name: 'uuid-1' })] };

    expect(
      decided({ facts: { silence: SILENT, hostNames }, request, rules: [glass, ofNodes] }),
    ).toMatchObject({ verdict: 'escalate', breakGlass: false });
  });

  it('lets in too when a page could not be opened for as long, beside reads that are answered', () => {
    const silence = { reads: { state: 'answered' }, pages: aSilence() } as const;

    expect(asked({ ...unreachable, silence })).toMatchObject({ verdict: 'approve', breakGlass: true });
    expect(asked({ ...offCall, silence })).toMatchObject({ verdict: 'escalate', provisional: false });
  });

  it('takes decisions of earlier versions, which did not listen for silence, as they were made', () => {
    const facts: Facts = someFacts(unreachable);
    Reflect.deleteProperty(facts, 'silence');
    const decidedThen = (changes: Partial<Facts>) =>
      decide(aRequest(), { ...facts, ...changes }, aPolicy({ rules: [glass, ordinary] }), NOW);

    const emergency = (changes: Partial<Facts>) => decidedThen(changes).outcomes.at(-1)?.conditions[0];
    expect(emergency({})).toEqual(met('emergency', 'PagerDuty cannot say who is on call'));
    expect(emergency({ ...offCall, approvers: { state: 'known', reachable: false } })).toEqual(
      met('emergency', 'nobody is on call who could be paged'),
    );
    expect(decidedThen(offCall)).toMatchObject({
      verdict: 'escalate',
      breakGlass: false,
      provisional: false,
    });
  });
});
