import { msBetween, SECOND, type Instant } from '../core/values/instant.ts';
import { covers } from '../core/on-call.ts';
import { desksOf, type OnCallTargets, type Policy, type Rule, type TargetKind } from '../core/rule.ts';
import { listed } from '../core/values/words.ts';
import {
  PAGE_TYPE,
  PagerDutyError,
  type Ask,
  type OnCallDirectory,
  type PageType,
  type PagerDutyAdmin,
  type PagerDutyCredentials,
  type Service,
} from '../ports/pagerduty.ts';
import { attempt, failed, ok, warning, type Finding } from './finding.ts';
import { withNearNames } from './near-names.ts';

export interface PagerDutyToCheck {
  readonly directory: OnCallDirectory;
  readonly admin: PagerDutyAdmin;
  readonly from: string;
  readonly now: () => Instant;
  readonly policy: Policy;
  /** The service that is told what access shows (`usage.review`); absent where none is. */
  readonly review?: string | undefined;
}

type Lookups = Pick<PagerDutyToCheck, 'directory' | 'admin'>;

/** Whether PagerDuty answers, in whose name is written, and whether every configured id or name exists; nothing is changed. */
export async function checkPagerDuty(
  { directory, admin, from, now, policy, review }: PagerDutyToCheck,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const ask: Ask = { signal };
  const reached = await attempt('pagerduty', async () => {
    const { at } = await admin.reachable(ask);
    return checkClock(msBetween(now(), at));
  });
  if (reached.some(({ state }) => state === 'failed')) return reached;
  const findings = [
    attempt('pagerduty key', async () => {
      await admin.mayWrite(ask);
      return [
        ok('pagerduty key', 'the key may open incidents and write notes'),
        ...checkReadKey(await admin.readKeyMayWrite(ask)),
      ];
    }),
    attempt('pagerduty from', async () => checkFrom(from, (await admin.fromUser(ask)) !== null)),
    ...policy.rules.flatMap((rule) => checkRule(rule, { directory, admin }, ask)),
    ...(review === undefined ? [] : [checkReview(review, { directory, admin }, ask)]),
  ];
  return [...reached, ...(await Promise.all(findings)).flat()];
}

/** Whether pages have an incident type and fields of their own: without, nothing is wrong. */
export async function checkPageType(
  { lacking }: Pick<PageType, 'lacking'>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const subject = 'pages';
  const remedy = '`oncall-approver setup pagerduty` makes what is lacking';
  try {
    const [first, ...others] = await lacking({ signal });
    if (first === undefined)
      return [ok(subject, 'pages have an incident type, and requester, roles, decision and end as fields')];
    const isPlain = first === PAGE_TYPE;
    if (isPlain) return [ok(subject, `pages are incidents like any other: ${remedy}`)];
    return [warning(subject, `the incident type of pages lacks ${listed([first, ...others])}: ${remedy}`)];
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    return [ok(subject, `pages are incidents like any other, since types cannot be seen: ${error.message}`)];
  }
}

/** What the tokens allow, once there are some; API keys do not tell. */
export function checkScopes(credentials: PagerDutyCredentials): readonly Finding[] {
  const { kind, expires, neededScopes, missingScopes } = credentials;
  if (kind === 'keys' || expires === null) return [];
  if (missingScopes.length === 0)
    return [ok('pagerduty scopes', `the OAuth app was granted all ${neededScopes.length} scopes`)];
  const text = `the OAuth app was not granted ${missingScopes.join(', ')}: add the scopes to it in PagerDuty`;
  return [failed('pagerduty scopes', text)];
}

function checkClock(skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / SECOND);
  if (seconds <= 5) return ok('pagerduty', 'PagerDuty answers, and the clocks agree');
  const text = `PagerDuty's clock is ${seconds} s ${skewMs > 0 ? 'ahead' : 'behind'}: set this machine's clock by NTP; from 60 s on nobody is approved`;
  return warning('pagerduty', text);
}

function checkFrom(from: string, exists: boolean): Finding {
  if (exists) return ok('pagerduty from', `notes and incidents are written as ${from}`);
  const text = `no PagerDuty user has the address ${from}: create that user, or set \`pagerduty.from\` to one that exists`;
  return failed('pagerduty from', text);
}

/** Nobody need be on call for it: nobody is woken by it. */
function checkReview(asked: string, { directory, admin }: Lookups, ask: Ask): Promise<readonly Finding[]> {
  const subject = 'usage review';
  const look = async () => [checkService(subject, asked, await directory.service(asked, ask))];
  return attempt(subject, () => withNearNames(look, { kind: 'service', asked }, admin, ask));
}

function checkRule(rule: Rule, pagerduty: Lookups, ask: Ask): Promise<readonly Finding[]>[] {
  const { directory } = pagerduty;
  const subject = `rule ${rule.name}`;
  return [
    ...checkTargets(subject, rule.onCall, pagerduty, ask),
    ...(rule.approvers.onCall === null
      ? []
      : checkTargets(`${subject} approvers`, rule.approvers.onCall, pagerduty, ask)),
    ...(rule.escalate === null ? [] : desksOf(rule.escalate, { annotations: {} })).map((asked) =>
      attempt(`${subject} escalate`, () =>
        withNearNames(
          () => checkEscalation(`${subject} escalate`, asked, directory, ask),
          { kind: 'service', asked },
          pagerduty.admin,
          ask,
        ),
      ),
    ),
  ];
}

/** Every name of an `on_call` section; one that is not there is told with those that are near it. */
function checkTargets(
  subject: string,
  { services, escalationPolicies, schedules }: OnCallTargets,
  { directory, admin }: Lookups,
  ask: Ask,
): Promise<readonly Finding[]>[] {
  const look = (kind: TargetKind, asked: string, lookUp: () => Promise<Finding>) =>
    attempt(subject, () => withNearNames(lookUp, { kind, asked }, admin, ask));
  const named = (kind: string, asked: string, found: { id: string; summary: string }) =>
    ok(subject, `${kind} ${asked} is ${found.summary} (${found.id})`);
  return [
    ...services.map((asked) =>
      look('service', asked, async () => checkService(subject, asked, await directory.service(asked, ask))),
    ),
    ...escalationPolicies.map((asked) =>
      look('escalation policy', asked, async () =>
        named('escalation policy', asked, await directory.escalationPolicy(asked, ask)),
      ),
    ),
    ...schedules.map((asked) =>
      look('schedule', asked, async () => named('schedule', asked, await directory.schedule(asked, ask))),
    ),
  ];
}

/** Two keys are worth having only if the one that is used all the time cannot do harm. */
function checkReadKey(mayWrite: boolean | null): readonly Finding[] {
  const text =
    'the reading key may write too, although there is a key for that: make the one in `pagerduty.api_key_file` read-only';
  return mayWrite === true ? [warning('pagerduty key', text)] : [];
}

/** The service to page exists, takes incidents, and somebody is on call to be paged at once. */
async function checkEscalation(
  subject: string,
  asked: string,
  directory: OnCallDirectory,
  ask: Ask,
): Promise<Finding> {
  const service = await directory.service(asked, ask);
  const found = checkService(subject, asked, service);
  if (found.state !== 'ok') return found;
  const { id, summary } = service.escalationPolicy;
  const { at, rows } = await directory.onCallsUnder([id], null, ask);
  const now = rows.filter((row) => covers(row, at));
  const first = now.filter(({ escalation_level: level }) => level === 1).map(({ user }) => user.summary);
  if (first.length > 0) {
    return ok(subject, `${found.text}; on call now: ${[...new Set(first)].join(', ')}`);
  }
  const reached =
    now.length === 0
      ? `nobody is on call under policy ${summary} now: a page would reach nobody, fill its schedules`
      : `nobody is on call at level 1 of policy ${summary} now: a page goes to a higher level, fill its first schedule`;
  return (now.length === 0 ? failed : warning)(subject, `${found.text}; ${reached}`);
}

/** PagerDuty opens no incident on a disabled service, or on one in maintenance: nobody would be paged. */
function checkService(subject: string, asked: string, service: Service): Finding {
  const text = `service ${asked} is ${service.summary} (${service.id}), policy ${service.escalationPolicy.summary}`;
  return service.status === 'disabled' || service.status === 'maintenance'
    ? warning(subject, `${text}; it is in state ${service.status}: no incident can be opened on it`)
    : ok(subject, text);
}
