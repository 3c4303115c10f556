import { z } from 'zod';
import { HOUR, parseInstant, plusMs, type Instant } from '../../core/values/instant.ts';
import { monthBeside } from '../../traceability/month.ts';
import { instantShown } from './reader-zone.ts';
import type { DecisionsQuery } from '../../ports/ledger-history.ts';
import type { DecisionFilter } from '../../traceability/search.ts';

export const OUTCOMES = ['approved', 'denied', 'promoted', 'deleted', 'expired', 'open'] as const;
export const USED = ['yes', 'no', 'not-known'] as const;

const line = z.string().max(200).catch('');
const day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/u)
  .refine((text) => startOf(text) !== null)
  .catch('');
const Query = z.object({
  user: line,
  role: line,
  rule: line,
  verdict: z.enum(['', 'approve', 'escalate', 'deny', 'abstain']).catch(''),
  /** Days, `2026-03-03`; both are part of what is wanted. */
  from: day,
  to: day,
  outcome: z.enum(['', ...OUTCOMES]).catch(''),
  approver: line,
  used: z.enum(['', ...USED]).catch(''),
  resource: line,
  reason: line,
  request: line,
  /** An instant as the form sends it, `2026-03-03T02:00`, by the reader's clocks. */
  held: z
    .string()
    .refine((text) => instantOfMinute(text) !== null)
    .catch(''),
  before: z
    .string()
    .regex(/^\d{4}-[\dT:.-]{5,30}Z_\d{1,15}$/u)
    .catch(''),
});

/** What the form of the list sends, as it was typed. */
export type ListQuery = Omit<z.infer<typeof Query>, 'before'> & { readonly before: DecisionsQuery['before'] };

/** Whatever is not as the form sends it is left out: a page is shown for any address. */
export function listQueryOf(query: unknown): ListQuery {
  const { before, ...typed } = Query.parse(typeof query === 'object' && query !== null ? query : {});
  const [at = '', seq = ''] = before.split('_');
  return { ...typed, before: before === '' ? null : { at, seq: Number(seq) } };
}

export function filterOf({ user, role, rule, verdict, from, to, ...became }: ListQuery): DecisionFilter {
  return {
    user: orNull(user),
    role: orNull(role),
    rule: orNull(rule),
    verdict: verdict === '' ? null : verdict,
    since: startOf(from),
    until: endOf(to),
    outcome: became.outcome === '' ? null : became.outcome,
    approver: orNull(became.approver),
    used: became.used === '' ? null : became.used,
    resource: orNull(became.resource),
    reason: orNull(became.reason),
    request: orNull(became.request),
    heldAt: instantOfMinute(became.held),
  };
}

/** The same list, from further back. */
export function olderAddress(query: ListQuery, next: { readonly at: string; readonly seq: number }): string {
  return `/decisions?${parametersOf(query, `${next.at}_${next.seq}`)}`;
}

export function newestAddress(query: ListQuery): string {
  const parameters = parametersOf(query, '');
  return parameters === '' ? '/decisions' : `/decisions?${parameters}`;
}

function parametersOf(query: ListQuery, before: string): string {
  const all = { ...query, before };
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== '')).toString();
}

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

function instantOfMinute(text: string): Instant | null {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/u.test(text) ? instantShown(text) : null;
}

/** Of a day by the reader's clocks, some of which begin at one o'clock. */
function startOf(day: string): Instant | null {
  return instantShown(`${day}T00:00`) ?? instantShown(`${day}T01:00`);
}

function endOf(day: string): Instant | null {
  const begin = parseInstant(`${day}T00:00:00Z`);
  return begin === null ? null : startOf(plusMs(begin, 24 * HOUR).slice(0, 10));
}

/** When a month, `2026-03`, begins and ends by the reader's clocks; null for text that is no month. */
export function boundsOf(month: string): { readonly since: Instant; readonly until: Instant } | null {
  const isMonth = /^\d{4}-(0[1-9]|1[0-2])$/u.test(month);
  const [since, until] = isMonth ? [month, monthBeside(month, 1)].map((each) => startOf(`${each}-01`)) : [];
  return since && until ? { since, until } : null;
}

/** The same decisions as a file, all of them. */
export function fileAddress(query: ListQuery): string {
  return `/decisions.csv?${parametersOf(query, '')}`;
}
