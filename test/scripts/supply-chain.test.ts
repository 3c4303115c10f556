import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isProduction, lockedPackages, productionLock, type LockedPackage } from '../../scripts/lock-file.ts';
import { licenceList, objections } from '../../scripts/supply-chain-rules.ts';

const LOCK = join(fileURLToPath(new URL('../..', import.meta.url)), 'package-lock.json');

function aPackage(overrides: Partial<LockedPackage> = {}): LockedPackage {
  return {
    name: 'left-pad',
    version: '1.0.0',
    license: 'MIT',
    integrity: 'sha512-x',
    hasInstallScript: false,
    madeFor: [],
    dev: false,
    ...overrides,
  };
}

describe('the lock file', () => {
  const packages = lockedPackages(LOCK);

  it('holds nothing that may not be shipped', () => {
    expect(objections(packages)).toEqual([]);
    expect(packages.filter(isProduction).length).toBeGreaterThan(50);
  });

  it('without what is for development has the production packages and no other', () => {
    const { packages: left } = productionLock(LOCK) as { packages: Record<string, object> };
    expect(Object.keys(left)).toHaveLength(packages.filter(isProduction).length + 1);
    expect(left['']).toMatchObject({ devDependencies: {} });
  });
});

describe('a package is refused', () => {
  it.each([
    ['without integrity, also for development', { integrity: null, dev: true }, /no integrity/u],
    ['with a licence that nobody agreed to', { license: 'AGPL-3.0' }, /licence `AGPL-3\.0`/u],
    ['without a licence', { license: null }, /licence `none`/u],
    ['that holds code for one architecture', { madeFor: ['arm64', 'linux'] }, /made for arm64, linux alone/u],
    ['that runs a script when it is installed', { hasInstallScript: true }, /wants to run a script/u],
  ] as const)('%s', (_what, overrides, told) => {
    expect(objections([aPackage(overrides)])).toEqual([expect.stringMatching(told)]);
  });

  it('not for what it is in development', () => {
    expect(objections([aPackage({ dev: true, license: 'AGPL-3.0', hasInstallScript: true })])).toEqual([]);
  });
});

it('the list of licences has a line for each package, sorted', () => {
  const list = licenceList([aPackage({ name: 'zod' }), aPackage({ name: 'htm', license: 'Apache-2.0' })]);
  expect(list).toBe('Apache-2.0    htm 1.0.0\nMIT           zod 1.0.0\n');
});
