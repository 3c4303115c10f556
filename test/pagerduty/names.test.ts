import { describe, expect, it } from 'vitest';
import { createOnCallDirectory } from '../../src/pagerduty/on-call-directory.ts';
import { aSchedule, aService, aShiftSchedule } from '../sim/pagerduty/builders.ts';
import { errorBody, json } from './http-server.ts';
import { anAsk, answering, aPagerDuty, failureOf } from './subjects.ts';

describe('a name', () => {
  it.each(['Payments API', 'payments api', ' PAYMENTS API ', 'PSERVC1'])(
    '%j is the service',
    async (idOrName) => {
      await using pagerDuty = await aPagerDuty();
      pagerDuty.account.addService(aService({ name: 'Payments API (old)', escalationPolicyId: 'PPOLCY1' }));

      expect(await createOnCallDirectory(pagerDuty.client).service(idOrName, anAsk())).toEqual({
        id: 'PSERVC1',
        summary: 'Payments API',
        status: 'active',
        escalationPolicy: { id: 'PPOLCY1', summary: 'Payments' },
      });
    },
  );

  it.each(['NFC', 'NFD'] as const)(
    'with letters put together there as %s is found however it is written here',
    async (form) => {
      await using pagerDuty = await aPagerDuty();
      const name = 'Zahlungsverkehr K\u00f6ln';
      const { id } = pagerDuty.account.addService(
        aService({ name: name.normalize(form), escalationPolicyId: 'PPOLCY1' }),
      );
      const directory = createOnCallDirectory(pagerDuty.client);

      for (const written of ['NFC', 'NFD'] as const)
        expect((await directory.service(name.normalize(written), anAsk())).id).toBe(id);
    },
  );

  it('of a policy or a schedule is found likewise', async () => {
    await using pagerDuty = await aPagerDuty();
    const directory = createOnCallDirectory(pagerDuty.client);

    expect(await directory.escalationPolicy('payments', anAsk())).toEqual({
      id: 'PPOLCY1',
      summary: 'Payments',
    });
    expect(await directory.escalationPolicy('PPOLCY1', anAsk())).toEqual({
      id: 'PPOLCY1',
      summary: 'Payments',
    });
    expect(await directory.schedule('payments primary', anAsk())).toEqual({
      id: 'PSCHED1',
      summary: 'Payments primary',
      kind: 'layers',
      attached: true,
    });
  });

  it('or id of a shift-based schedule is found as well', async () => {
    await using pagerDuty = await aPagerDuty();
    const { id } = pagerDuty.account.addSchedule(aShiftSchedule({ id: 'PSHIFT1', name: 'Follow the sun' }));
    const directory = createOnCallDirectory(pagerDuty.client);
    const found = { id, summary: 'Follow the sun', kind: 'shifts', attached: false };

    expect(await directory.schedule('follow the sun', anAsk())).toEqual(found);
    expect(await directory.schedule('PSHIFT1', anAsk())).toEqual(found);
  });

  it('that two schedules have is ambiguous, also across the kinds, and the ids are named', async () => {
    await using pagerDuty = await aPagerDuty();
    pagerDuty.account.addSchedule(aSchedule({ id: 'PSAME01', name: 'Same' }));
    pagerDuty.account.addSchedule(aShiftSchedule({ id: 'PSAME02', name: 'same' }));

    const failure = await failureOf(createOnCallDirectory(pagerDuty.client).schedule('Same', anAsk()));

    expect(failure.kind).toBe('ambiguous');
    expect(failure.message).toMatch(
      /more than one schedule named `Same`; use one of the ids PSAME01, PSAME02/,
    );
  });

  it('that looks like an id is a name when there is no such id', async () => {
    await using pagerDuty = await aPagerDuty();
    const { id } = pagerDuty.account.addService(aService({ name: 'PAYROLL', escalationPolicyId: 'PPOLCY1' }));

    expect((await createOnCallDirectory(pagerDuty.client).service('PAYROLL', anAsk())).id).toBe(id);
  });

  it.each(['Payments', 'PNOSUCH1', ''])('%j that no service has is not found', async (idOrName) => {
    await using pagerDuty = await aPagerDuty();

    const failure = await failureOf(createOnCallDirectory(pagerDuty.client).service(idOrName, anAsk()));

    expect(failure).toMatchObject({ kind: 'not-found', transient: false });
    expect(failure.message).toContain(`no service \`${idOrName}\``);
  });

  it.each([
    [402, 'Ledger rota'],
    [402, 'PRIMARY'],
    [402, 'PLATFORM1'],
    [403, 'Ledger rota'],
    [403, 'PAYMENTS'],
  ])('of a schedule needs no shift-based schedules, which are refused by %i: %s', async (status, name) => {
    await using pagerDuty = await aPagerDuty();
    const { id } = pagerDuty.account.addSchedule(aSchedule({ name }));
    pagerDuty.faults.add({ kind: 'status', status, code: 2014, match: { pathPrefix: '/v3/schedules' } });

    expect(await createOnCallDirectory(pagerDuty.client).schedule(name, anAsk())).toMatchObject({ id });
  });

  it('stays unknown when PagerDuty may not be asked', async () => {
    await using server = await answering((_request, response) =>
      json(response, 403, errorBody(2010, 'Access Denied')),
    );

    const failure = await failureOf(createOnCallDirectory(server.client).schedule('PSCHED1', anAsk()));

    expect(failure.kind).toBe('forbidden');
    expect(failure.message).toContain('`schedules.read`');
  });
});
