import { describe, expect, it } from 'vitest';
import { factOf } from '../../src/core/facts.ts';
import { aTargetFact } from '../support/builders.ts';

describe('what a configured name turned out to be', () => {
  const service = aTargetFact({ asked: 'Payments' });
  const policy = aTargetFact({ kind: 'escalation policy', asked: 'Payments' });

  it('is told by its kind and name', () => {
    expect(factOf({ kind: 'escalation policy', asked: 'Payments' }, [service, policy])).toBe(policy);
  });

  it('is unknown where nobody looked it up: it may be asked again', () => {
    expect(factOf({ kind: 'schedule', asked: 'Payments\nprimary' }, [service, policy])).toEqual({
      kind: 'schedule',
      asked: 'Payments\nprimary',
      state: 'unknown',
      cause: { code: 'not-found', message: 'schedule Payments primary was not looked up', transient: true },
    });
  });
});
