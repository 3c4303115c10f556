import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { Stage } from './stage.ts';

/** As tbot does: the file is never half there. */
async function renewIdentity({ folder, teleport }: Stage): Promise<void> {
  const file = join(folder, 'identity');
  await writeFile(`${file}.new`, teleport.identityFileFor(BOT_USER), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** The last step of a rotation: the old authority is out, and the auth server comes back with the new one alone. */
async function endRotation({ teleport }: Stage): Promise<void> {
  teleport.authorities.endUserRotation();
  await teleport.restart();
}

/** Asks as the engineer on call, and waits until she is in. */
async function letIn(stage: Stage): Promise<void> {
  const id = stage.request('sre-1');
  await stage.done('review', id, 20_000);
  expect(stage.state(id)).toBe('APPROVED');
}

/** The watch, once more. */
async function watchesAgain({ reports }: Stage): Promise<void> {
  await expect.poll(() => reports.of('watchLive').length, { timeout: 20_000 }).toBeGreaterThan(1);
}

describe('when the user CA of the cluster is rotated', () => {
  it('requests are decided all the time, where the identity is renewed before the end', async () => {
    await using stage = await Stage.open();
    stage.teleport.authorities.rotateUser();
    await letIn(stage);

    await renewIdentity(stage);
    await endRotation(stage);
    await stage.reports.when('identityRenewed');
    await letIn(stage);

    expect(stage.reports.of('identityProblem')).toEqual([]);
  });

  it('an identity that was not renewed in time is reported, and its requests are decided once it is', async () => {
    await using stage = await Stage.open();
    stage.teleport.authorities.rotateUser();
    await endRotation(stage);
    const refused = ({ cause }: { readonly cause: string }) => cause.includes('ended the connection');
    const { cause, retryInMs } = await stage.reports.when('watchLost', refused);
    expect(cause).toContain(`the cluster that issued the identity in \`${join(stage.folder, 'identity')}\``);
    expect(retryInMs).toBeGreaterThan(0);

    const onCall = stage.request('sre-1');
    const colleague = stage.request('sre-2');
    await expect.poll(() => stage.reports.of('watchLost').length).toBeGreaterThan(2);
    expect([onCall, colleague].map((id) => stage.state(id))).toEqual(['PENDING', 'PENDING']);
    expect(stage.teleport.auth.connectionCount).toBe(0);

    await renewIdentity(stage);
    await watchesAgain(stage);
    await stage.done('review', onCall, 20_000);
    await stage.done('page', colleague);
    expect([onCall, colleague].map((id) => stage.state(id))).toEqual(['APPROVED', 'PENDING']);
  });

  it('a request that was decided when its identity was refused is carried out afterwards, once', async () => {
    await using stage = await Stage.open();
    stage.teleport.authorities.rotateUser();
    stage.teleport.faults.add({ method: 'SubmitAccessReview', kind: 'error', times: 2 });
    const id = stage.request('sre-1');
    await stage.reports.when('effectFailed', ({ requestId }) => requestId === id);
    await endRotation(stage);
    await stage.reports.when('watchLost');

    await renewIdentity(stage);
    await stage.done('review', id, 20_000);

    expect(stage.state(id)).toBe('APPROVED');
    expect(stage.teleport.cluster.request(id).reviews).toHaveLength(1);
  });
});
