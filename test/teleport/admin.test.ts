import { describe, expect, it } from 'vitest';
import { TeleportError } from '../../src/ports/teleport.ts';
import { grpcTeleportAdmin } from '../../src/teleport/admin.ts';
import type { IdentitySource } from '../../src/teleport/connection/identity-source.ts';
import { answering, signal } from './answering.ts';

type Answers = Parameters<typeof answering>[0];

function adminOf(answers: Answers) {
  return grpcTeleportAdmin(answering(answers), {} as unknown as IdentitySource);
}

it('a Teleport that does not tell its features has no reviews', async () => {
  expect(await adminOf({ Ping: () => ({ ServerFeatures: null }) }).ping(signal)).toMatchObject({
    advancedWorkflows: false,
  });
});

describe('rules by which Teleport reviews by itself', () => {
  const review = { decision: 'APPROVED', integration: 'builtin' };
  const spec = { desired_state: 'reviewed', condition: 'true', automatic_review: review };

  it.each([
    ['one that does', { metadata: { name: 'r' }, spec }, [{ name: 'r', condition: 'true', ...review }]],
    ['one without a name', { spec }, [{ name: '', condition: 'true', ...review }]],
    ['one that only notifies', { spec: { ...spec, automatic_review: null } }, []],
    ['one that is not in force', { spec: { ...spec, desired_state: '' } }, []],
    ['an empty one', { spec: null }, []],
  ])('of %s', async (_what, rule, expected) => {
    const admin = adminOf({ ListAccessMonitoringRulesWithFilter: () => ({ rules: [rule] }) });

    expect(await admin.automaticReviewRules(signal)).toEqual(expected);
  });

  it('are none on a Teleport that has no such thing, and else not known where it refuses', async () => {
    const failing = (error: Error) =>
      adminOf({
        ListAccessMonitoringRulesWithFilter() {
          throw error;
        },
      }).automaticReviewRules(signal);

    expect(await failing(new TeleportError('unsupported', 'no such method'))).toEqual([]);
    await expect(failing(new TeleportError('denied', 'no'))).rejects.toMatchObject({ kind: 'denied' });
    await expect(failing(new Error('a fault of ours'))).rejects.toThrow('a fault of ours');
  });
});
