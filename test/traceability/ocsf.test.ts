import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { storyOf } from '../../src/core/record/story.ts';
import type { KeptEvent } from '../../src/core/usage/evidence.ts';
import { ocsfEvents, type OcsfEvent } from '../../src/traceability/ocsf.ts';
import {
  aRecordedDecision,
  aRecordedUse,
  aRequest,
  aResource,
  NOW,
  someEvidence,
} from '../support/builders.ts';
import definitions from './ocsf/definitions.json' with { type: 'json' };

interface Attribute {
  readonly requirement: string;
  readonly enum?: readonly number[];
}
interface Shape {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly constraints: { readonly at_least_one?: readonly string[] };
}
const { dictionary, events, objects } = definitions as unknown as {
  readonly dictionary: Readonly<
    Record<string, { readonly type: string; readonly is_array?: true; readonly enum?: readonly number[] }>
  >;
  readonly events: Readonly<Record<string, Shape & { readonly uid: number }>>;
  readonly objects: Readonly<Record<string, Shape>>;
};

/** What is wrong with a value by OCSF's own definitions; nothing where nothing is. */
function wrongIn(
  value: Readonly<Record<string, unknown>>,
  { attributes, constraints }: Shape,
  at: string,
): readonly string[] {
  const missing = Object.entries(attributes)
    .filter(([name, { requirement }]) => requirement === 'required' && value[name] === undefined)
    .map(([name]) => `${at}.${name} is required`);
  const one = constraints.at_least_one;
  const lacks =
    one === undefined || one.some((name) => value[name] !== undefined)
      ? []
      : [`${at} needs one of ${one.join(', ')}`];
  const wrong = Object.entries(value).flatMap(([name, each]) => {
    const [attribute, known] = [attributes[name], dictionary[name]];
    if (attribute === undefined || known === undefined) return [`${at}.${name} is no attribute`];
    const allowed = [...(attribute.enum ?? []), ...(known.enum ?? [])];
    if (allowed.length > 0 && !allowed.includes(each as number)) return [`${at}.${name} has no such value`];
    if ((known.is_array === true) !== Array.isArray(each)) return [`${at}.${name}: a list, or none`];
    return [each].flat().flatMap((single) => wrongType(single, known.type, `${at}.${name}`));
  });
  return [...missing, ...lacks, ...wrong];
}

function wrongType(value: unknown, type: string, at: string): readonly string[] {
  const shape = objects[type];
  if (shape !== undefined) return wrongIn(value as Readonly<Record<string, unknown>>, shape, at);
  const expected = {
    string_t: 'string',
    boolean_t: 'boolean',
    integer_t: 'number',
    long_t: 'number',
    object: 'object',
  }[type];
  return expected !== undefined && typeof value === expected ? [] : [`${at} is no ${type}`];
}

const HOSTILE = '\u202eevil\u001b[2J<script>';
const request = aRequest({ requester: HOSTILE, resources: [aResource({ kind: 'node', name: HOSTILE })] });
const decided = aRecordedDecision({ request });
const { requestId } = decided;
const session = (sid: string): KeptEvent => ({
  ...{ type: 'session.start', uid: sid, time: NOW, user: 'sam', sid, login: 'root' },
  ...(sid === 'two' ? {} : { resource: { kind: 'node', name: HOSTILE } }),
});
const used = (number: number, ...sids: readonly string[]) =>
  aRecordedUse({ requestId, number, evidence: someEvidence({ events: sids.map(session) }) });
const ended = (state: 'approved' | 'denied' | 'promoted', by: string | null): LedgerEvent => ({
  ...{ kind: 'ended', requestId, ending: { state, by, reason: HOSTILE } as never },
});
const locked: LedgerEvent = {
  ...{ kind: 'effect-done', requestId, key: 'lock' },
  outcome: { summary: '', ours: true, incidentId: null, url: null },
};

function told(...own: readonly LedgerEvent[]): readonly OcsfEvent[] {
  const entries = [decided, ...own].map((event, seq) => ({ seq, at: NOW, hash: `hash-${seq}`, event }));
  const story = storyOf(entries);
  return entries.flatMap((entry) => ocsfEvents(entry, story, '1.2.3'));
}

describe('what the ledger says to a SIEM', () => {
  const all = told(ended('approved', 'sre-3'), locked, used(1, 'one', 'two'), used(2, 'one', 'two', 'three'));

  it('is each thing once: access given, ended, and each session', () => {
    expect(all.map(({ type_uid: type, metadata }) => [type, (metadata as { uid: string }).uid])).toEqual([
      [300_501, 'hash-1'],
      [300_502, 'hash-2'],
      [300_301, 'hash-3/two'],
      [300_301, 'hash-3/one'],
      [300_301, 'hash-4/three'],
    ]);
    expect(told(ended('denied', null))).toMatchObject([
      { status_id: 2, actor: { app_name: 'oncall-approver' } },
    ]);
    expect(told(ended('promoted', 'sre-3'))).toEqual([]);
  });

  it('is as OCSF defines it', () => {
    for (const event of [...all, ...told(ended('denied', null))]) {
      const name = event['class_uid'] === 3005 ? 'user_access' : 'authorize_session';
      const shape = events[name];
      expect(shape && wrongIn(event, shape, name)).toEqual([]);
      expect(event).toMatchObject({ category_uid: 3, class_uid: 3_000 + (shape?.uid ?? 0) });
    }
    expect(wrongIn({ user: 7 }, events['user_access'] as Shape, 'x').length).toBeGreaterThan(5);
  });

  it('has nothing in it that acts upon whoever reads it', () => {
    expect(JSON.stringify(all)).not.toMatch(/[\u202e\u001b]|\\u001b/u);
  });

  it('is nothing of a request that was not decided upon', () => {
    const entry = { seq: 1, at: NOW, hash: '', event: ended('approved', null) };
    expect(ocsfEvents(entry, storyOf([entry]), '1')).toEqual([]);
  });
});
