import { describe, expect, it } from 'vitest';
import type { OnCallDirectory } from '../../src/ports/pagerduty.ts';
import { readReach } from '../../src/review/read-incidents.ts';
import { anEscalation, aRequest, aRule } from '../builders.ts';

function unasked(): Promise<never> {
  return Promise.reject(new Error('nothing needs to be asked'));
}

const directory = { service: unasked, onCallsUnder: unasked } as unknown as OnCallDirectory;
const ask = { signal: new AbortController().signal, priority: 'decision' } as const;

describe('whether a page would reach anybody', () => {
  it('is not asked where no rule breaks glass', async () => {
    expect(await readReach(aRequest(), [aRule()], directory, ask)).toEqual({ state: 'not-asked' });
  });

  it('is not known where only an annotation names the service, and the request lacks it', async () => {
    const escalate = anEscalation({ service: null, fromAnnotation: 'pagerduty_notify_service' });
    const rules = [aRule({ escalate }), aRule({ name: 'glass', mode: 'shadow', breakGlass: true })];

    expect(await readReach(aRequest(), rules, directory, ask)).toMatchObject({
      state: 'unknown',
      cause: { code: 'not-found' },
    });
  });
});
