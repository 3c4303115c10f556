/** The variable that Teleport's own clients obey too. */
const UPGRADE_VARIABLE = 'TELEPORT_TLS_ROUTING_CONN_UPGRADE';

const YES = ['yes', 'yeah', 'y', 'true', '1', 'on'];
const NO = ['no', 'nope', 'n', 'false', '0', 'off'];

/**
 * Whether connections to this address of Teleport are to be upgraded, as told by the environment: `true`, or a list like
 * `teleport.example.com:443=yes;other:443=no`. Null where it says nothing, so that it is found out.
 */
export function connectionUpgradeFor(
  addr: string,
  environment: Readonly<Record<string, string | undefined>>,
): boolean | null {
  const told = environment[UPGRADE_VARIABLE]?.trim() ?? '';
  const everywhere = boolOf(told);
  if (everywhere !== null) return everywhere;
  const pairs = told.split(/[,;]/u).map((pair) => pair.split('=').map((part) => part.trim()));
  const [, answer] = pairs.find(([name]) => name === addr) ?? [];
  return answer === undefined ? null : boolOf(answer);
}

function boolOf(text: string): boolean | null {
  const word = text.toLowerCase();
  if (YES.includes(word)) return true;
  return NO.includes(word) ? false : null;
}
