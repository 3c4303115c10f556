/**
 * Types of Teleport's messages from our .proto files, by proto-loader's own generator, into a committed folder.
 * With `--check` nothing is written: it fails when the committed types are not what the .proto files give.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');
/** Relative to the project: the generator writes the path into each file. */
const INCLUDE = 'src/teleport/proto';
const COMMITTED = join(ROOT, INCLUDE, 'generated');
const ENTRIES = [
  'teleport/legacy/client/proto/authservice.proto',
  'teleport/users/v1/users_service.proto',
  'teleport/userloginstate/v1/userloginstate_service.proto',
  'teleport/accessmonitoringrules/v1/access_monitoring_rules_service.proto',
  'teleport/auditlog/v1/auditlog.proto',
];

/** The same reading of messages as `src/teleport/connection/services.ts` asks of proto-loader. */
const READING = ['--keepCase', '--longs=Number', '--defaults', '--oneofs'];

async function generate(into: string): Promise<void> {
  await promisify(execFile)(
    join(ROOT, 'node_modules/.bin/proto-loader-gen-types'),
    [
      ...READING,
      '--grpcLib=@grpc/grpc-js',
      '--importFileExtension=.ts',
      `--includeDirs=${INCLUDE}`,
      `--outDir=${into}`,
      ...ENTRIES,
    ],
    { cwd: ROOT },
  );
}

/** Text of every file below a folder, by its path there; empty for a folder that does not exist. */
async function contents(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, 'utf8')] as const),
    ),
  );
}

async function differences(fresh: string): Promise<readonly string[]> {
  const [expected, committed] = await Promise.all([contents(fresh), contents(COMMITTED)]);
  const paths = new Set([...expected.keys(), ...committed.keys()]);
  return [...paths].filter((path) => expected.get(path) !== committed.get(path)).sort();
}

const scratch = await mkdtemp(join(tmpdir(), 'proto-types-'));
try {
  const fresh = join(scratch, 'generated');
  await generate(fresh);
  if (process.argv.includes('--check')) {
    const stale = await differences(fresh);
    if (stale.length > 0) {
      process.stderr.write(`generated types are stale, run \`npm run proto\`: ${stale.join(', ')}\n`);
      process.exitCode = 1;
    }
  } else {
    await rm(COMMITTED, { recursive: true, force: true });
    await cp(fresh, COMMITTED, { recursive: true });
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
