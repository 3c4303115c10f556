import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A package as `package-lock.json` (version 3) describes it, with the parts that we judge. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression; null where the package does not say. */
  readonly license: string | null;
  readonly integrity: string | null;
  readonly hasInstallScript: boolean;
  /** Made for these processors, operating systems or C libraries alone, as packages with compiled code are. */
  readonly madeFor: readonly string[];
  readonly dev: boolean;
}

const LockFile = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().default(''),
      license: z.string().nullable().default(null),
      integrity: z.string().nullable().default(null),
      hasInstallScript: z.boolean().default(false),
      cpu: z.array(z.string()).default([]),
      os: z.array(z.string()).default([]),
      libc: z.array(z.string()).default([]),
      dev: z.boolean().default(false),
    }),
  ),
});

/** Every installed package, ourselves apart, in the order of the file. Throws for a lock file of another version. */
export function lockedPackages(file: string): readonly LockedPackage[] {
  const { packages } = LockFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, { version, license, integrity, hasInstallScript, cpu, os, libc, dev }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      license,
      integrity,
      hasInstallScript,
      madeFor: [...cpu, ...os, ...libc],
      dev,
    }));
}

/** The same lock file, of a project that has no development dependencies. */
export function productionLock(file: string): object {
  const { packages, ...lock } = JSON.parse(readFileSync(file, 'utf8')) as {
    packages: Record<string, { dev?: boolean; devDependencies?: object }>;
  };
  const { '': project, ...installed } = packages;
  return {
    ...lock,
    packages: {
      '': { ...project, devDependencies: {} },
      ...Object.fromEntries(Object.entries(installed).filter(([, { dev }]) => dev !== true)),
    },
  };
}

export function isProduction({ dev }: LockedPackage): boolean {
  return !dev;
}
