import { isProduction, type LockedPackage } from './lock-file.ts';

/** Licences whose only condition is that their text stays with the code: it does, in each package's own folder. */
const LICENCES = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Unlicense',
];

/**
 * Production packages with an install script that is known to be of no use to us; it is never run (`npm ci --ignore-scripts`
 * in the image, `allowScripts` in package.json).
 */
const NEEDLESS_SCRIPTS: Readonly<Record<string, string>> = {
  protobufjs: 'prints a warning when a package.json names a version range it does not like',
};

/** Why the dependencies may not be shipped, as sentences; empty when they may. */
export function objections(packages: readonly LockedPackage[]): readonly string[] {
  return [
    ...packages
      .filter(({ integrity }) => integrity === null)
      .map(({ name, version }) => `${name} ${version} has no integrity in the lock file`),
    ...packages.filter(isProduction).flatMap(objectionsTo),
  ];
}

function objectionsTo({ name, version, license, hasInstallScript, madeFor }: LockedPackage): string[] {
  const objections: string[] = [];
  if (license === null || !LICENCES.includes(license)) {
    objections.push(`${name} ${version} has licence \`${license ?? 'none'}\`, which nobody has agreed to`);
  }
  if (hasInstallScript && !(name in NEEDLESS_SCRIPTS)) {
    objections.push(`${name} ${version} wants to run a script when it is installed`);
  }
  // The image's files are made once for all architectures (Dockerfile).
  if (madeFor.length > 0) {
    objections.push(`${name} ${version} is made for ${madeFor.join(', ')} alone`);
  }
  return objections;
}

/** One line a package, by licence and name: `MIT  pino 10.4.0`. */
export function licenceList(packages: readonly LockedPackage[]): string {
  return packages
    .map(({ name, version, license }) => `${(license ?? 'none').padEnd(14)}${name} ${version}\n`)
    .sort()
    .join('');
}
