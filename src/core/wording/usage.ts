import type { Account, Counts, Use } from '../usage/account.ts';
import { accountOf } from '../usage/account.ts';
import type { UsedResource } from '../usage/event-types.ts';
import type { Evidence, Gap } from '../usage/evidence.ts';
import type { RecordedDecision, RecordedUse } from '../record/ledger-entry.ts';
import { durationWords, listed } from '../values/words.ts';
import { laterOf, msBetween } from '../values/instant.ts';
import { NAME_MAX, passedOn, person, rolesInWords, type Where } from './phrases.ts';

/** Longer lists nobody reads. */
const SHOWN_MAX = 10;
const LINKS_MAX = 5;

const SESSIONS: Readonly<Record<string, string>> = {
  node: 'SSH session',
  kube_cluster: 'Kubernetes session',
  db: 'database session',
  app: 'application session',
  windows_desktop: 'desktop session',
};
/** Each with its plural. */
const COUNTED: Readonly<Record<keyof Counts, readonly [string, string]>> = {
  commands: ['command', 'commands'],
  queries: ['query', 'queries'],
  requests: ['request', 'requests'],
  files: ['file', 'files'],
  tunnels: ['tunnel', 'tunnels'],
  slices: ['slice of activity', 'slices of activity'],
  transfers: ['transfer', 'transfers'],
  git: ['Git command', 'Git commands'],
  'sign-ins': ['sign-in', 'sign-ins'],
  administration: ['administrative action', 'administrative actions'],
  data: ['event of data', 'events of data'],
  bytes: ['byte', 'bytes'],
};
const PLAYERS: Readonly<Record<string, string>> = {
  node: 'ssh',
  kube_cluster: 'k8s',
  db: 'database',
  windows_desktop: 'desktop',
};

/** The note on the incident that the person was working on, once the access is over. */
export function useNote(
  { request }: RecordedDecision,
  { evidence }: Pick<RecordedUse, 'evidence'>,
  { proxyPublicAddr }: Pick<Where, 'proxyPublicAddr'>,
): string {
  const account = accountOf(evidence);
  const links = account.uses
    .flatMap((use) => recordingLink(use, evidence.cluster, proxyPublicAddr) ?? [])
    .slice(0, LINKS_MAX);
  const recordings = links.length === 0 ? '' : ` Recordings: ${links.join(' ')}`;
  const who = `${person(request)} (${rolesInWords(request)})`;
  return `Access of ${who} is over. ${useWords(account, evidence)}${recordings}`;
}

/** What the access was used for, in a sentence or two; fit to be shown. */
export function useWords(account: Account, evidence: Evidence): string {
  const { outcome, assumedAt } = account;
  const log = `by the audit log of ${evidence.cluster === null ? 'the cluster' : passedOn(evidence.cluster, NAME_MAX)}`;
  const gaps = evidence.gaps.length === 0 ? '' : gapsInWords(evidence.gaps);
  switch (outcome) {
    case 'never-assumed':
      return `It was not used: it was never assumed, ${log}.`;
    case 'assumed':
      return `It was not used: it was assumed, and nothing was done by it, ${log}.`;
    case 'not-known':
      return `Whether it was used is not known${assumedAt === null ? '' : ', beyond that it was assumed'}: ${gaps}.`;
    case 'used':
      return `It was used${howLong(account, evidence)}: ${usesInWords(account)}${gaps === '' ? '' : `. There may be more: ${gaps}`}.`;
  }
}

/** Sessions and what was done without any, by resource. */
function usesInWords({ uses, totals }: Pick<Account, 'uses' | 'totals'>): string {
  const sessions = [...Map.groupBy(uses.filter(isSession), ({ resource }) => resource?.kind ?? 'other')].map(
    ([kind, of]) => `${number(of.length, SESSIONS[kind] ?? 'session')} (${names(of)})`,
  );
  const others = uses
    .filter((use) => !isSession(use))
    .slice(0, SHOWN_MAX)
    .map(
      ({ counts, resource }) =>
        `${countsInWords(counts)}${resource === null ? '' : ` on ${resourceWords(resource)}`}`,
    );
  const counted = countsInWords(totals.counts);
  const attempts = totals.attempts === 0 ? [] : [`${number(totals.attempts, 'failed attempt')} to begin one`];
  const unnamed = totals.sessions - uses.filter(isSession).length;
  const more = unnamed > 0 ? [number(unnamed, sessions.length === 0 ? 'session' : 'further session')] : [];
  const all = sessions.length === 0 || counted === '' ? [] : [`${counted} in all`];
  return [...sessions, ...more, ...others, ...all, ...attempts].join(', ');
}

/** `3 commands, 14 queries`; empty for nothing. */
export function countsInWords(counts: Counts): string {
  return listed(
    (Object.keys(COUNTED) as (keyof Counts)[]).flatMap((what) => {
      const count = counts[what] ?? 0;
      return count === 0 || what === 'slices' ? [] : [`${count} ${COUNTED[what][count === 1 ? 0 : 1]}`];
    }),
  );
}

export function resourceWords({ kind, name }: UsedResource): string {
  return passedOn(kind === 'node' ? name : `${kind} ${name}`, NAME_MAX);
}

export function gapsInWords(gaps: readonly Gap[]): string {
  return listed(gaps.map(({ why, detail }) => gapWords(why, passedOn(detail, NAME_MAX * 3))));
}

function gapWords(why: Gap['why'], detail: string): string {
  switch (why) {
    case 'not-read':
      return `the audit log could not be read to the end of the access (${detail})`;
    case 'began-later':
      return 'the audit log was read only from after the approval on';
    case 'unreadable':
      return 'events of that time could not be understood';
    case 'other-cluster':
      return `what happens in cluster ${detail} stands in a log of its own`;
    case 'state-lost':
      return 'what had been read of the audit log was lost';
  }
}

/** Where a recording is played; null where none is known to be there. */
export function recordingLink(
  { sid, resource, recorded, begun, ended }: Use,
  cluster: string | null,
  proxyPublicAddr: string,
): string | null {
  const type = resource === null ? undefined : PLAYERS[resource.kind];
  if (recorded !== true || sid === null || cluster === null || type === undefined || proxyPublicAddr === '')
    return null;
  const path = [cluster, 'session', sid].map((part) => encodeURIComponent(part.toWellFormed())).join('/');
  const lasts = ended === null ? '' : `&durationMs=${msBetween(begun, ended)}`;
  return `https://${proxyPublicAddr}/web/cluster/${path}?recordingType=${type}${lasts}`;
}

function howLong({ uses }: Account, { beyond }: Evidence): string {
  const [first] = uses;
  if (first === undefined) return '';
  const { begun } = first;
  // The ends of some were too many to be kept.
  if (beyond > 0) return `, from ${begun} on`;
  const ends = uses.map(({ ended }) => ended);
  if (!ends.every((ended) => ended !== null)) return `, from ${begun} on, and a session was not seen to end`;
  const last = ends.reduce(laterOf, begun);
  return ` for ${durationWords(msBetween(begun, last))}`;
}

function names(uses: readonly Use[]): string {
  const all = [
    ...new Set(
      uses.map(({ resource }) => (resource === null ? 'unknown' : passedOn(resource.name, NAME_MAX))),
    ),
  ];
  const shown = all.slice(0, SHOWN_MAX).join(', ');
  return all.length > SHOWN_MAX ? `${shown} and ${all.length - SHOWN_MAX} more` : shown;
}

function isSession({ sid }: Use): boolean {
  return sid !== null;
}

function number(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
