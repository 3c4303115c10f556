/**
 * What the product is made of, beside the compiled source in `dist/`: `sbom.cdx.json` (CycloneDX, made by npm from the lock
 * file, production dependencies only) and `licences.txt`. Fails when the lock file holds what `supply-chain-rules.ts` refuses.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProduction, lockedPackages, productionLock } from './lock-file.ts';
import { licenceList, objections } from './supply-chain-rules.ts';

const ROOT = join(import.meta.dirname, '..');
const LOCK = join(ROOT, 'package-lock.json');
const OUTPUT = join(ROOT, 'dist');
/** npm reads the lock file alone, in a second or two; an error that names npm is better than to wait for ever. */
const BILL_DEADLINE_MS = 120_000;

/** The parts of a CycloneDX document that are looked at. */
interface Bom {
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp?: string | undefined };
  readonly components: readonly { readonly name: string; readonly version: string }[];
}

const packages = lockedPackages(LOCK);
const production = packages.filter(isProduction);
const refused = objections(packages);
for (const objection of refused) process.stderr.write(`${objection}\n`);
if (refused.length > 0) process.exit(1);

const bom = billOfMaterials();
const missing = production.filter(
  (each) => !bom.components.some(({ name, version }) => each.name === name && each.version === version),
);
if (missing.length > 0) {
  process.stderr.write(`npm's bill lacks ${missing.map(({ name }) => name).join(', ')}\n`);
  process.exit(1);
}
mkdirSync(OUTPUT, { recursive: true });
writeFileSync(join(OUTPUT, 'sbom.cdx.json'), `${JSON.stringify(bom, null, 2)}\n`);
writeFileSync(join(OUTPUT, 'licences.txt'), licenceList(production));
process.stdout.write(`${bom.components.length} production packages: dist/sbom.cdx.json, dist/licences.txt\n`);

/**
 * npm's own bill, with what it takes from the moment replaced: the same lock file gives the same bill. It is asked of a project
 * without development dependencies, since `--omit=dev` leaves out what both kinds share (npm 11).
 */
function billOfMaterials(): Bom {
  const scratch = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    const folder = join(scratch, 'oncall-approver');
    mkdirSync(folder);
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as object;
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, devDependencies: {} }));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(productionLock(LOCK)));
    const bom = execFileSync(
      'npm',
      ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'],
      {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: BILL_DEADLINE_MS,
        killSignal: 'SIGKILL',
      },
    );
    return withoutMoment(JSON.parse(bom) as Bom);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function withoutMoment(bom: Bom): Bom {
  const digest = createHash('sha256').update(readFileSync(LOCK)).digest('hex');
  const serial = digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/u, '$1-$2-5$3-8$4-$5');
  const metadata = { ...bom.metadata, timestamp: undefined };
  return { ...bom, serialNumber: `urn:uuid:${serial}`, metadata };
}
