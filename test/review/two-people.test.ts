import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { answerCode } from '../../src/core/answers/answer.ts';
import { addNote } from '../sim/pagerduty/incident-notes.ts';
import { referenceWorld } from '../sim/teleport/reference-world.ts';
import { paged } from '../support/paged.ts';
import { World, type WorldOptions } from '../support/world.ts';
import { twoApprovals } from '../support/two-approvals.ts';

const SAM = { type: 'user', id: 'PSAM1RE' } as const;
const MAP = { map: { 'sre-1': SAM.id, 'sre-2': 'PTAY2RE' } };

/** Sam, on call, has given himself another address in PagerDuty: before anybody saw the first one, unless told. */
async function samChanges(email: string, options: WorldOptions = {}): Promise<World> {
  const stage = await World.open({ ...options, start: false });
  stage.pagerDuty.account.changeAddress(SAM.id, email);
  await stage.startService();
  return stage;
}

/** Sam's own request, which he answers himself on its page. */
async function answersHimself(stage: World) {
  const id = stage.request('sre-1');
  await stage.done('page');
  const page = stage.incidents().at(-1);
  addNote(stage.pagerDuty.account, page?.id ?? '', `approve ${answerCode(id)}`, SAM);
  await stage.followUp(id);
  return { id, details: page?.details ?? '', notes: () => stage.notesOf(page?.id) };
}

describe('the request of somebody whom PagerDuty’s address does not lead to', () => {
  it.each([
    ['enterprise', false],
    ['enterprise', true],
    ['community', false],
  ] as const)('is not approved by their own answer (%s, require_sso: %s)', async (edition, require_sso) => {
    await using stage = await samChanges('sam@private.example', { edition, config: { require_sso } });

    const { id, notes } = await answersHimself(stage);

    expect(stage.state(id)).toBe('PENDING');
    expect(notes().join('\n')).toContain(
      'The note of Sam One is not taken for an answer: it must be answered in Teleport: it is not known here that Sam One and sre-1 are two people.',
    );
  });

  it.each([
    ['the requester', { 'sre-1': 'PTAY2RE' }],
    ['the approver', { 'sre-3': SAM.id }],
  ])('is approved by another’s answer once a map names %s', async (_who, map) => {
    await using stage = await samChanges('sam@private.example', {
      config: { identities: [{ map }, { trait: 'email' }] },
    });

    const { id } = await answersHimself(stage);

    expect(stage.state(id)).toBe('APPROVED');
  });

  it('is approved by nobody’s answer where the map names the requester as whoever answers', async () => {
    await using stage = await samChanges('sam@private.example', {
      config: { identities: [MAP, { trait: 'email' }] },
      rule: {
        on_call: { schedules: ['Search primary'] },
        approvers: { on_call: { services: ['Payments API'] } },
      },
    });

    const { id, notes } = await answersHimself(stage);

    expect(stage.state(id)).toBe('PENDING');
    expect(notes().join('\n')).toContain('nobody answers their own request');
  });
});

describe('an address that was changed since it was first seen', () => {
  it('lets nobody in by itself, and is settled by a map entry', async () => {
    await using stage = await World.open({ freshness: '0s' });
    stage.request('sre-1');
    await stage.reports.when('ended');
    // Taylor is off call; his friend on call takes his address.
    stage.pagerDuty.account.changeAddress('PTAY2RE', 'taylor@private.example');
    stage.pagerDuty.account.changeAddress(SAM.id, 'sre-2@example.com');

    const id = stage.request('sre-2');
    await stage.decision(id);

    expect(stage.decided(id).decision.verdict).toBe('escalate');
    expect(
      stage
        .decided(id)
        .decision.reasons.map(({ text }) => text)
        .join(),
    ).toContain('trait `email` leads to PagerDuty user PSAM1RE, whose address was another one');
  });

  it('is believed where the identity provider keeps addresses', async () => {
    await using stage = await World.open({ freshness: '0s', config: { addresses: 'managed' } });
    stage.request('sre-1');
    await stage.reports.when('ended');
    stage.pagerDuty.account.changeAddress(SAM.id, 'sam@example.com');
    const user = stage.teleport.cluster.directory.user('sre-1');
    stage.teleport.cluster.directory.putUser({ ...user, traits: { email: ['sam@example.com'] } });

    const id = stage.request('sre-1');
    await stage.decision(id);

    expect(stage.decided(id).decision.verdict).toBe('approve');
  });
});

it.each([
  ['unmanaged', 'before'],
  ['unmanaged', 'after'],
  ['managed', 'after'],
] as const)(
  'an answer of somebody with another’s address is given in nobody’s name (%s, changed %s they were seen)',
  async (addresses, when) => {
    await using stage = await World.open({
      ...twoApprovals({ submitForUsers: true, listUsers: true }),
      config: { addresses, require_sso: true },
      start: false,
    });
    const change = () => {
      stage.pagerDuty.account.changeAddress('PROB3RE', 'robin@private.example');
      stage.pagerDuty.account.changeAddress(SAM.id, 'sre-3@example.com');
    };
    if (when === 'before') change();
    await stage.startService();
    if (when === 'after') {
      stage.request('sre-1');
      await stage.done('review');
      change();
    }
    const id = stage.request('sre-2');
    await stage.done('page', id);

    addNote(stage.pagerDuty.account, stage.incidents().at(-1)?.id ?? '', `approve ${answerCode(id)}`, SAM);
    await stage.followUp(id);

    expect(stage.teleport.cluster.request(id).reviews).toEqual([]);
    expect(stage.state(id)).toBe('PENDING');
  },
);

describe('an approver whom Teleport does not let review', () => {
  const bound = { submitForUsers: true, config: { identities: [MAP, { trait: 'email' }] } };

  it.each([
    ['has no right to review anything', {}],
    ['is denied it', { deny: { reviewRequests: { roles: ['prodaccess'] } } }],
  ])('gets nobody in through the service: who %s', async (_who, conditions) => {
    await using waiting = await paged(bound);
    const { stage, id, pageId, code } = waiting;
    const { directory } = stage.teleport.cluster;
    directory.putRole({ name: 'barred', allow: {}, ...conditions });
    const user = directory.user('sre-1');
    const kept = 'deny' in conditions ? user.roles : ['sres'];
    directory.putUser({ ...user, roles: [...kept, 'barred'] });

    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    await stage.followUp(id);
    await stage.followUp(id);

    expect(stage.state(id)).toBe('PENDING');
    expect(stage.teleport.cluster.request(id).reviews).toEqual([]);
    expect(stage.notesOf(pageId).filter((note) => note.includes('was not taken'))).toEqual([
      expect.stringContaining(
        'The answer of Sam One was not taken: Teleport does not let sre-1 review it: somebody else must answer, or review it there.',
      ),
    ]);
  });

  it.each([
    ['is of an older version', 'cannot submit reviews on behalf of "sre-1"', 'APPROVED'],
    ['does not let it speak for them', 'cannot submit reviews for "sre-1"', 'APPROVED'],
    [
      'has no record of them any more',
      'cannot submit reviews for "sre-1", user could not be fetched from local store',
      'APPROVED',
    ],
    ['says something unknown', 'is not welcome', 'PENDING'],
  ])('is told from a service that may not speak for them: Teleport %s', async (_what, text, state) => {
    await using waiting = await paged(bound);
    const { stage, id, pageId, code } = waiting;
    const message = `user "oncall-approver" ${text}`;

    stage.teleport.faults.add({
      method: 'SubmitAccessReview',
      kind: 'error',
      code: status.PERMISSION_DENIED,
      message,
      times: 1,
    });
    addNote(stage.pagerDuty.account, pageId, `approve ${code}`, SAM);
    await stage.followUp(id);

    expect(stage.state(id)).toBe(state);
  });
});

describe('an approver who is locked in Teleport', () => {
  /** Beside `sre-1` somebody is locked, and a role that nobody has. */
  async function lockedOut(
    target: { readonly user?: string; readonly role?: string },
    identities: readonly object[] = [MAP, { trait: 'email' }],
  ) {
    const { roles } = referenceWorld({ edition: 'enterprise', submitForUsers: true, listUsers: true });
    const waiting = await paged({ roles, config: { identities } });
    const { locks } = waiting.stage.teleport.cluster;
    const lock = { user: '', role: '', accessRequest: '', ...target };
    locks.upsert({ name: 'lock', target: lock, message: '', expires: null, removedAt: null }, 'admin');
    const answer = async () => {
      addNote(waiting.stage.pagerDuty.account, waiting.pageId, `approve ${waiting.code}`, SAM);
      await waiting.stage.followUp(waiting.id);
      return waiting.stage.state(waiting.id);
    };
    return { ...waiting, locks, answer };
  }

  it.each([
    ['by name', { user: 'sre-1' }, [MAP], () => undefined],
    ['by address', { user: 'sre-1' }, [{ map: { 'sre-2': 'PTAY2RE' } }, { trait: 'email' }], () => undefined],
    ['by a role of theirs', { role: 'access-reviewer' }, [MAP], () => undefined],
    [
      'by a role that the last login brought',
      { role: 'access-reviewer' },
      [MAP],
      ({ teleport }: World) => teleport.cluster.directory.deleteUser('sre-1'),
    ],
  ])('lets nobody in, and is told: %s', async (_how, target, config, arrange) => {
    await using waiting = await lockedOut(target, config);
    const { stage, id, pageId, locks, answer } = waiting;
    arrange(stage);

    expect(await answer()).toBe('PENDING');
    expect(stage.notesOf(pageId).at(-1)).toContain(
      'Sam One is locked in Teleport, as sre-1: somebody else must answer',
    );
    expect(stage.teleport.cluster.request(id).reviews).toEqual([]);
    locks.delete('lock');
    expect(await answer()).toBe('APPROVED');
  });

  it.each([
    ['somebody else is locked', { user: 'sre-3' }, null, 'APPROVED'],
    ['a role is locked that they have not', { role: 'staff' }, null, 'APPROVED'],
    ['the service may not list locks', { user: 'sre-1' }, status.PERMISSION_DENIED, 'APPROVED'],
    ['Teleport does not say who is', { user: 'sre-3' }, status.UNAVAILABLE, 'PENDING'],
  ])('is told from others: %s', async (_what, target, code, state) => {
    await using waiting = await lockedOut(target);
    if (code !== null) waiting.stage.teleport.faults.add({ method: 'ListLocks', kind: 'error', code });

    expect(await waiting.answer()).toBe(state);
    waiting.stage.teleport.faults.clear();
    await waiting.stage.followUp(waiting.id);
    expect(waiting.stage.state(waiting.id)).toBe('APPROVED');
  });
});
