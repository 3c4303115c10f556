/** As `engines` in package.json says: the SQLite that is built in, and the language as it is compiled here. */
const OLDEST_MAJOR = 24;

/**
 * What to say, and nothing more, on a Node that cannot run this program; null for one that can. Has to be readable by every
 * Node that knows modules at all.
 */
export function nodeIsTooOld(version: string, path: string): string | null {
  if (Number(version.split('.')[0]) >= OLDEST_MAJOR) return null;
  return (
    `this is Node ${version} (${path}), and Node ${OLDEST_MAJOR} or newer is needed: get it from https://nodejs.org/en/download ` +
    'or from your distribution, and put its folder first in PATH'
  );
}
