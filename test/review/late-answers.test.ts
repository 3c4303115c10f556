import { readFile, writeFile } from 'node:fs/promises';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { paged } from '../support/paged.ts';
import { World } from '../support/world.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

describe('an answer that counted when it was heard', () => {
  const targets = { services: ['Payments API'] };
  const rule = (approvers: object) => ({
    name: 'prod-oncall',
    roles: ['prodaccess'],
    on_call: targets,
    otherwise: 'escalate',
    escalate: { service: 'Access requests', decide_within: '2s' },
    approvers,
  });

  it('is not given by rules that were changed before it could be, and is told so once', async () => {
    await using waiting = await paged();
    const { stage, id, pageId, code } = waiting;

    stage.teleport.faults.add({ method: 'SubmitAccessReview', kind: 'error', code: status.UNAVAILABLE });
    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    await stage.followUp(id);
    await stage.stopService();
    stage.teleport.faults.clear();
    const config = await readFile(stage.configFile, 'utf8');
    const others = { on_call: { schedules: ['Payments secondary'] } };
    await writeFile(stage.configFile, stringify({ ...parse(config), rules: [rule(others)] }));
    await stage.startService();
    await stage.followUp(id);
    await stage.followUp(id);

    expect(stage.state(id)).toBe('PENDING');
    const told = stage.notesOf(pageId).filter((note) => note.includes('what the rules ask has changed'));
    expect(told).toHaveLength(1);
  });
});

describe('an approval that could not be given', () => {
  it('is not given by rules that were changed since', async () => {
    await using stage = await World.open();
    stage.teleport.faults.add({ method: 'SubmitAccessReview', kind: 'error', code: status.UNAVAILABLE });
    const id = stage.request('sre-1');
    await stage.reports.when('effectFailed', ({ key }) => key === 'review');

    await stage.stopService();
    stage.teleport.faults.clear();
    await nameSchedule(stage);
    await stage.startService();
    await stage.done('page');

    expect(stage.state(id)).toBe('PENDING');
    expect(stage.decided(id)).toMatchObject({ number: 2, decision: { verdict: 'escalate' } });
  });

  it('is not given by rules that were changed while it was decided upon', async () => {
    await using stage = await World.open({ start: false });
    const { policies } = await stage.startService();
    const before = policies.inForce();
    await stage.stopService();
    await nameSchedule(stage);
    let isChanged = false;
    const replaced = { policyInForce: () => (isChanged ? service.policies.inForce() : before) };
    stage.replaced = replaced;
    const service = await stage.startService();
    const reading = stage.pagerDuty.faults.add({
      ...{ kind: 'latency', ms: 400 },
      match: { pathPrefix: '/oncalls' },
    });

    const id = stage.request('sre-1');
    await stage.pagerDuty.until(() => reading.hits > 0);
    isChanged = true;
    await stage.reports.when('effectDone', ({ key }) => key === 'page' || key === 'review');

    expect(stage.state(id)).toBe('PENDING');
    expect(stage.decided(id)).toMatchObject({ number: 1, decision: { verdict: 'escalate' } });
  });
});

async function nameSchedule({ configFile }: World): Promise<void> {
  const config = parse(await readFile(configFile, 'utf8')) as { readonly rules: readonly object[] };
  const on_call = { schedules: ['Payments secondary'] };
  await writeFile(
    configFile,
    stringify({ ...config, rules: config.rules.map((rule) => ({ ...rule, on_call })) }),
  );
}
