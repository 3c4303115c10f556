import { describe, expect, it } from 'vitest';
import { lookUp, nullIfNoSuchId, nullIfNotFound } from '../../src/pagerduty/lookup.ts';
import { PagerDutyError, type PagerDutyErrorKind } from '../../src/ports/pagerduty.ts';
import { failureOf } from './subjects.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly deleted_at?: string | null;
}

function look(
  idOrName: string,
  rows: readonly Row[],
  byId: (id: string) => Promise<Row | null> = () => fail(),
) {
  const asked: string[] = [];
  const containing = (name: string) => {
    asked.push(name);
    return Promise.resolve(rows);
  };
  return { asked, found: lookUp({ noun: 'service', idOrName, byId, containing }) };
}

function fail(kind: PagerDutyErrorKind = 'not-found'): Promise<never> {
  return Promise.reject(new PagerDutyError(kind, 'no'));
}

const ONE: Row = { id: 'PONE001', name: 'Payments' };

describe('what a name stands for', () => {
  it.each<[string, readonly Row[]]>([
    ['the one that has it', [ONE, { id: 'PTWO002', name: 'Payments EU' }]],
    ['the one that has it, listed twice', [ONE, ONE]],
    ['the one that was not deleted', [{ ...ONE, id: 'POLD001', deleted_at: '2026-01-01T00:00:00Z' }, ONE]],
  ])('is %s', async (_what, rows) => {
    expect(await look(' payments ', rows).found).toBe(ONE);
  });

  it.each<[string, readonly Row[], PagerDutyErrorKind]>([
    ['others have a longer one', [{ id: 'PTWO002', name: 'Payments EU' }], 'not-found'],
    ['what had it is deleted', [{ ...ONE, deleted_at: '2026-01-01T00:00:00Z' }], 'not-found'],
    ['two have it', [ONE, { ...ONE, id: 'PTWO002' }], 'ambiguous'],
  ])('is not known where %s', async (_what, rows, kind) => {
    expect((await failureOf(look('Payments', rows).found)).kind).toBe(kind);
  });

  it('is asked for in both compositions only where they differ and the first finds none', async () => {
    const asked = async (name: string, rows: readonly Row[]) => {
      const { asked: names, found } = look(name, rows);
      await found.catch(() => undefined);
      return names;
    };

    expect(await asked('Payments', [])).toEqual(['Payments']);
    expect(await asked('K\u00f6ln', [])).toEqual(['K\u00f6ln', 'Ko\u0308ln']);
    expect(await asked('Ko\u0308ln', [ONE])).toEqual(['K\u00f6ln']);
    expect(await asked(' ', [])).toEqual([]);
  });
});

describe('what looks like an id', () => {
  it('is that id, and no name is looked at', async () => {
    const { asked, found } = look('PONE001', [], (id) => Promise.resolve({ id, name: 'Search' }));

    expect(await found).toEqual({ id: 'PONE001', name: 'Search' });
    expect(asked).toEqual([]);
  });

  it.each<PagerDutyErrorKind>(['not-found', 'refused'])('is a name where it is %s as an id', async (kind) => {
    const row = { id: 'PTWO002', name: 'PAYROLL' };

    expect(await look('PAYROLL', [row], () => fail(kind)).found).toBe(row);
  });

  it.each<PagerDutyErrorKind>(['forbidden', 'unavailable', 'timeout', 'malformed'])(
    'is not known where the answer is %s',
    async (kind) => {
      const { asked, found } = look('PAYROLL', [{ ...ONE, name: 'PAYROLL' }], () => fail(kind));

      expect((await failureOf(found)).kind).toBe(kind);
      expect(asked).toEqual([]);
    },
  );
});

it('only what PagerDuty does not have is null; a guessed id may be refused as well, and a fault of ours is neither', async () => {
  expect(await nullIfNotFound(fail())).toBeNull();
  expect((await failureOf(nullIfNotFound(fail('refused')))).kind).toBe('refused');
  expect(await nullIfNoSuchId(fail('refused'))).toBeNull();
  await expect(nullIfNotFound(Promise.reject(new TypeError('a fault')))).rejects.toThrow(TypeError);
});
