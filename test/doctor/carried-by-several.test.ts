import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CarriedBySeveral } from '../../src/doctor/carried-by-several.ts';

function carried(name: string, owner: string) {
  return { name, hostName: null, labels: { owner } };
}

describe('what several servers carry', () => {
  it('comes together by name, wherever it stood, with each different set of labels once', () => {
    using several = new CarriedBySeveral();
    const names = Array.from({ length: 600 }, (_, at) => `db-${1_000 + at}`);
    several.add(names.map((name) => carried(name, 'A')));
    several.add([carried('db-1599', 'A'), carried('db-1000', 'B'), carried('a "quoted", one', 'C, D')]);
    const batches = [...several.batches()];

    expect(batches.map((batch) => batch.length)).toEqual([...Array.from({ length: 12 }, () => 50), 1]);
    expect(batches.flat().map(({ name }) => name)).toEqual(['a "quoted", one', ...names]);
    expect([batches[0]?.[0], batches[0]?.[1], batches.at(-1)?.[0]]).toEqual([
      { name: 'a "quoted", one', hostName: null, labels: [{ owner: 'C, D' }] },
      { name: 'db-1000', hostName: null, labels: [{ owner: 'A' }, { owner: 'B' }] },
      { name: 'db-1599', hostName: null, labels: [{ owner: 'A' }] },
    ]);
  });
});

const FOLDERS = ['/mnt', '/var/tmp', '/tmp'];
const OWN_FILE_SYSTEM = 'unshare --map-root-user --mount';
/** Wherever they lie, in /tmp for instance, they are found there also once that is another folder. */
const SOURCES = { at: '/srv', from: join(import.meta.dirname, '../../src') };
const NODE = { at: '/media', from: dirname(process.execPath) };
const binds = [SOURCES, NODE].map(({ from, at }) => `mount --bind "${from}" ${at}`).join(' && ');
const mayMount = spawnSync('/bin/sh', ['-c', `${OWN_FILE_SYSTEM} /bin/sh -c '${binds}'`]);

/** So many names, each with 1 KB of labels, where the folders for what is put aside are mounted like this: what was said. */
function putAside(count: number, mounted: string): string {
  const script = `
    import { readdirSync } from 'node:fs';
    import { CarriedBySeveral } from '${SOURCES.at}/doctor/carried-by-several.ts';
    const several = new CarriedBySeveral();
    const labels = { owner: 'x'.repeat(1_000) };
    try {
      for (let at = 0; at < ${count}; at += 500)
        several.add(Array.from({ length: 500 }, (_, of) => ({ name: \`db-\${at + of}\`, hostName: null, labels })));
      let found = 0;
      for (const batch of several.batches()) found += batch.length;
      console.log(\`\${found} found, \${readdirSync('/mnt').length} files\`);
    } catch (error) {
      console.log(error.message);
    }`;
  const mounts = FOLDERS.map((folder) => `mount -t tmpfs -o ${mounted} tmpfs ${folder}`).join(' && ');
  const inside = `${binds} && ${mounts} && cd /mnt && SQLITE_TMPDIR=/mnt exec "$@"`;
  const node = [`${NODE.at}/node`, '--input-type=module-typescript', '--eval', script];
  const shell = ['-c', `exec ${OWN_FILE_SYSTEM} /bin/sh -c '${inside}' sh "$@"`, 'sh', ...node];
  const { stdout, stderr } = spawnSync('/bin/sh', shell, { encoding: 'utf8' });
  return stdout.trimEnd() + stderr;
}

describe.runIf(mayMount.status === 0)('more of it than memory holds', () => {
  it.each([
    ['goes where there is room, and leaves no file', 10_000, 'size=64m', '10000 found, 0 files'],
    [
      'is told where the disk is full',
      10_000,
      'size=1m',
      'put aside on disk: database or disk is full; have SQLITE_TMPDIR name a',
    ],
    [
      'is told where no folder may be written to',
      10_000,
      'ro',
      'put aside on disk: disk I/O error; have SQLITE_TMPDIR',
    ],
    ['is the only thing that a folder is needed for', 500, 'ro', '500 found, 0 files'],
  ])('%s', (_, count, mounted, said) => {
    expect(putAside(count, mounted)).toContain(said);
  });
});
