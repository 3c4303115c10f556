import { describe, expect, it } from 'vitest';
import { PagerDutyError, type Incident, type OnCallDirectory } from '../../src/ports/pagerduty.ts';
import { isOwnPage, readReach } from '../../src/review/facts/read-incidents.ts';
import { anEscalation, anOnCallRow, aRequest, aRule, NOW, someTargets } from '../support/builders.ts';

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

  const rules = [aRule(), aRule({ name: 'glass', breakGlass: true })];
  const pages = { id: 'PPOLCY1', summary: 'Payments' };
  const answers = { id: 'PPOLCY2', summary: 'Search' };
  const world = (status: string, onCall: readonly string[]): OnCallDirectory =>
    ({
      service: (name: string) =>
        Promise.resolve({
          id: name,
          summary: name,
          status,
          escalationPolicy: name === 'Payments API' ? answers : pages,
        }),
      onCallsUnder: (policy: string) =>
        Promise.resolve({ at: NOW, rows: onCall.includes(policy) ? [anOnCallRow()] : [] }),
    }) as unknown as OnCallDirectory;

  it.each(['active', 'maintenance', 'disabled'])(
    'goes by the on-call rows of who is paged and who may answer, whatever the service: %s',
    async (status) => {
      const reach = (...onCall: readonly string[]) =>
        readReach(aRequest(), rules, world(status, onCall), ask);

      expect(await reach('PPOLCY1')).toEqual({ state: 'known', reachable: true });
      expect(await reach('PPOLCY2')).toEqual({ state: 'known', reachable: true });
      expect(await reach()).toEqual({ state: 'known', reachable: false });
    },
  );

  it('goes by policies that are named as well', async () => {
    const onCall = someTargets({ services: [], escalationPolicies: ['Search'] });
    const named = [
      aRule({ approvers: { onCall, answerBy: ['note'] } }),
      aRule({ name: 'glass', breakGlass: true }),
    ];
    const lookedUp = {
      ...world('active', ['PPOLCY2']),
      escalationPolicy: () => Promise.resolve(answers),
    } as unknown as OnCallDirectory;

    expect(await readReach(aRequest(), named, lookedUp, ask)).toEqual({ state: 'known', reachable: true });
  });

  it('is not known where a name is no more: somebody may have renamed it', async () => {
    const gone = new PagerDutyError('not-found', 'PagerDuty has no such service', { transient: false });
    const renamed = {
      ...world('active', []),
      service: () => Promise.reject(gone),
    } as unknown as OnCallDirectory;

    expect(await readReach(aRequest(), rules, renamed, ask)).toMatchObject({ state: 'unknown' });
  });
});

describe('an incident with a key like ours', () => {
  it.each([
    ['a person opened', { id: 'PBOT6OA', type: 'user_reference' }, true],
    ['nobody is said to have opened', null, true],
    ['an alert opened', { id: 'PSERVC1', type: 'service_reference' }, false],
    ['an integration opened', { id: 'PINTEG1', type: 'inbound_integration_reference' }, false],
  ])('is no evidence of an outage where it is one that %s: %s', (_which, openedBy, isOurs) => {
    const by = openedBy === null ? null : { ...openedBy, summary: '' };
    const incident = { incidentKey: 'oncall-approver/7/whatever', openedBy: by } as Incident;

    expect(isOwnPage(incident)).toBe(isOurs);
    expect(isOwnPage({ ...incident, incidentKey: 'disk' })).toBe(false);
  });
});
