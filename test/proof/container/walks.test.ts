import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { IMAGE_USER } from './engine.ts';
import { podman } from '../walk/stage.ts';
import { Walk, type Path } from '../walk/walk.ts';

const ASK = 'tsh request create --roles=prodaccess --reason="checkout fails"';
const INSTALL = 'sudo npm install --global --offline --ignore-scripts';
/** The same program under the next version, as the next release would be. */
const NEXT = `mkdir next && tar -xzf oncall-approver-0.2.0.tgz -C next
sed -i 's/"version": "0.2.0"/"version": "0.2.1"/' next/package/package.json
(cd next/package && npm pack --ignore-scripts)`;

/** What holds of each path beyond the approval. */
const BESIDES: Readonly<Record<Path, (walk: Walk) => Promise<void>>> = {
  compose: async (walk) => {
    expect(await walk.type('docker compose logs')).toContain('watching access requests');
  },
  kubernetes: async (walk) => {
    const identity = join(walk.stage.folder, 'volumes/identity/identity');
    const { uid, mode } = statSync(identity);
    expect({ uid, mode: mode & 0o777 }).toEqual({ uid: IMAGE_USER, mode: 0o600 });
    const validUntil = async () =>
      /is valid until (\S+),/u.exec(await walk.type('oncall-approver check'))?.[1] ?? '';
    const before = await validUntil();
    podman(walk.stage, 'kill', '--signal=USR1', 'walk-oncall-approver-0-tbot');
    // As the service sees it, which looks once a minute (`test/service/user-ca-rotation.test.ts`).
    await expect.poll(validUntil, { timeout: 30_000, interval: 1000 }).not.toBe(before);
    expect(await walk.type(ASK)).toContain('APPROVED');
  },
  machine: async (walk) => {
    const packed = await walk.type('tar --list --file oncall-approver-0.2.0.tgz');
    expect(packed).not.toMatch(/node_modules\/(?:typescript|vitest|eslint|node)\/|package\/(?:src|test)\//u);
    for (const file of ['dist/sbom.cdx.json', 'dist/licences.txt', 'config/systemd/oncall-approver.service'])
      expect(packed).toContain(`package/${file}\n`);
    await walk.type(NEXT);
    for (const [version, file] of [
      ['0.2.1', 'next/package/oncall-approver-0.2.1.tgz'],
      ['0.2.0', 'oncall-approver-0.2.0.tgz'],
    ] as const) {
      await walk.type(`${INSTALL} ${file}`);
      expect(await walk.type('oncall-approver --version')).toBe(`${version}\n`);
      await walk.type('sudo systemctl restart oncall-approver');
      expect(await walk.type(ASK)).toContain('APPROVED');
    }
    await walk.type('oncall-approver ledger verify');
  },
};

describe('from an empty folder to the first approval, as the quick start says, and on from there', () => {
  it.each(Object.entries(BESIDES))('%s', { timeout: 900_000 }, async (path, besides) => {
    await using walk = await Walk.open(path as Path, inject('built').storage);
    await walk.toTheEnd();
    process.stdout.write(walk.table());

    const said = (command: string) =>
      walk.steps.filter((step) => step.command.includes(command)).map(({ output }) => output);
    expect(said('ledger list').join()).toMatch(/abstain +approve +open +sre-1/u);
    expect(said('tsh request create').at(-1)).toMatch(/^APPROVED: /mu);
    await besides(walk);
  });
});
