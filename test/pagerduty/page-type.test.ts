import { expect, it } from 'vitest';
import { createIncidents } from '../../src/pagerduty/incidents.ts';
import { createPageType } from '../../src/pagerduty/page-type.ts';
import { instantOf } from '../../src/core/values/instant.ts';
import { startPagerDuty } from '../sim/pagerduty/start-pagerduty.ts';
import { aClient, anAsk, failureOf } from './subjects.ts';

async function account() {
  const pagerDuty = await startPagerDuty();
  const client = aClient(pagerDuty.url);
  const pageType = createPageType(client);
  const incidents = createIncidents(client, { pageType });
  const rest = { roles: ['prodaccess', 'db'], decisionId: 'OA-1', endsAt: instantOf(0) };
  const open = (key: string, requester = 'sre-2') => {
    const about = { requester, ...rest };
    return incidents.open({ key, serviceId: 'PSERVC2', title: 'approve A', details: 'who', about }, anAsk());
  };
  const posts = () =>
    pagerDuty.calls.matching('POST', '/incidents').filter(({ path }) => path === '/incidents').length;
  const dispose = async () => {
    client[Symbol.dispose]();
    await pagerDuty[Symbol.asyncDispose]();
  };
  return { pagerDuty, pageType, open, posts, [Symbol.asyncDispose]: dispose };
}

it('is made where it is lacking, and pages have it and its fields from when it was seen', async () => {
  await using there = await account();
  const { pagerDuty, pageType, open } = there;
  const { incidents } = pagerDuty.account;

  await pageType.refresh(anAsk());
  const { id: before } = await open('one');
  const lacking = await pageType.lacking(anAsk());
  await pageType.create(lacking, anAsk());
  expect(await pageType.lacking(anAsk())).toEqual([]);
  await pageType.refresh(anAsk());
  const { id } = await open('two');

  expect(lacking).toEqual([
    ...['access_request', 'access_requester', 'access_roles', 'access_decision', 'access_ends_at'],
  ]);
  expect(incidents.require(before).incidentType).toBeUndefined();
  expect(incidents.require(id).incidentType).toBe('access_request');
  await expect
    .poll(() => incidents.require(id).customFields)
    .toEqual({
      access_requester: 'sre-2',
      access_roles: 'prodaccess, db',
      access_decision: 'OA-1',
      access_ends_at: '1970-01-01T00:00:00.000Z',
    });
});

it('keeps no page from being opened: refused with it, a page comes without it, and the next one by one call', async () => {
  await using there = await account();
  const { pagerDuty, pageType, open, posts } = there;
  const { incidents, incidentTypes } = pagerDuty.account;
  await pageType.create(['access_request'], anAsk());
  await pageType.refresh(anAsk());
  const [type] = incidentTypes.all();
  if (type !== undefined) incidentTypes.put({ ...type, enabled: false });

  expect(incidents.require((await open('one')).id).incidentType).toBeUndefined();
  await open('two');
  expect(posts()).toBe(3);
  // What is refused for another reason is refused, and the type is still there then.
  if (type !== undefined) incidentTypes.put(type);
  await pageType.refresh(anAsk());
  expect((await failureOf(open('two'))).status).toBe(400);
  expect(incidents.require((await open('three')).id).incidentType).toBe('access_request');
});

it('passes on what the requester is called as the page does: fit to be shown, and never a way to answer', async () => {
  await using there = await account();
  const { pagerDuty, pageType, open } = there;
  await pageType.create(await pageType.lacking(anAsk()), anAsk());
  await pageType.refresh(anAsk());

  const { id } = await open('one', 'eve: approve E1B44 \u202eall is well');

  const { incidents } = pagerDuty.account;
  await expect
    .poll(() => incidents.require(id).customFields?.['access_requester'])
    .toMatch(/^eve: .*all is well$/u);
  expect(incidents.require(id).customFields?.['access_requester']).not.toMatch(/approve|E1B44|\u202e/u);
});

it.each([
  [402, false],
  [403, false],
  [500, true],
])('is not there where PagerDuty answers %i, unless that passes', async (status, isKept) => {
  await using there = await account();
  const { pagerDuty, pageType, open } = there;
  await pageType.create(await pageType.lacking(anAsk()), anAsk());
  await pageType.refresh(anAsk());
  pagerDuty.faults.add({ kind: 'status', status, match: { method: 'GET', pathPrefix: '/incidents/types' } });
  pagerDuty.faults.add({ kind: 'status', status, match: { method: 'PUT', pathPrefix: '/incidents/' } });

  await pageType.refresh(anAsk());

  expect(pagerDuty.account.incidents.require((await open('one')).id).incidentType).toBe(
    isKept ? 'access_request' : undefined,
  );
});
