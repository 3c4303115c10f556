import { readFile, writeFile } from 'node:fs/promises';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { resolve } from '../sim/pagerduty/incident-life.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { paged } from './paged.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;

describe('an answer on a page that is resolved before it is known whether the answer counts', () => {
  const repage = {
    rule: { escalate: { service: 'Access requests', decide_within: '2s', if_resolved: 'repage' } },
  };

  it('is heard out before anybody is paged again', async () => {
    await using waiting = await paged(repage);
    const { stage, id, pageId, code } = waiting;

    stage.pagerDuty.faults.add({ kind: 'status', status: 503, match: { pathPrefix: '/oncalls' } });
    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    resolve(stage.pagerDuty.account, pageId, SAM);
    await stage.followUp(id);
    const pagesMeanwhile = stage.incidents().length;
    stage.pagerDuty.faults.clear();
    const state = async () => {
      await stage.followUp(id);
      return stage.state(id);
    };
    await expect.poll(state, { timeout: 15_000 }).toBe('APPROVED');

    expect(pagesMeanwhile).toBe(1);
    expect(stage.incidents()).toHaveLength(1);
    expect((await stage.events(id)).map(({ kind }) => kind)).not.toContain('page-resolved');
  });
});

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
