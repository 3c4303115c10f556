import { desksOf, type Policy } from '../core/rule.ts';
import { sanitise, listed } from '../core/values/words.ts';
import {
  PagerDutyError,
  type Ask,
  type OnCallDirectory,
  type PagerDutyAdmin,
  type Service,
  type WebhookSubscription,
} from '../ports/pagerduty.ts';
import { TELLING_EVENTS } from '../ports/webhooks.ts';
import { failed, ok, orNull, warning, type Finding } from './finding.ts';

export const WEBHOOK_SUBJECT = 'pagerduty webhook';

/** `incident.triggered` shows early that webhooks come at all, and which incident has which key. */
const NEEDED_EVENTS: readonly string[] = ['incident.triggered', ...TELLING_EVENTS];

export interface WebhooksToCheck {
  readonly directory: Pick<OnCallDirectory, 'service'>;
  readonly admin: Pick<PagerDutyAdmin, 'webhookSubscriptions'>;
  /** The address in the subscription; null where the configuration does not tell. */
  readonly publicUrl: string | null;
  readonly policy: Policy;
}

export interface CheckedWebhooks {
  readonly findings: readonly Finding[];
  /** The service's own subscriptions by which PagerDuty sends events now. */
  readonly live: readonly string[];
}

/**
 * Whether PagerDuty's webhook subscriptions tell this service of its pages. Nothing is changed, and nobody's answer depends on
 * it: without webhooks answers are asked for.
 */
export async function checkWebhooks(
  { directory, admin, publicUrl, policy }: WebhooksToCheck,
  signal: AbortSignal,
): Promise<CheckedWebhooks> {
  const ask: Ask = { signal };
  let all: readonly WebhookSubscription[];
  try {
    all = await admin.webhookSubscriptions(ask);
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    return only(told(warning, `whether PagerDuty sends webhooks here cannot be told: ${error.message}`));
  }
  if (publicUrl === null) return only(cannotBeTold(all.length));
  const own = all.filter(({ url }) => addressOf(url) === addressOf(publicUrl));
  if (own.length === 0) {
    const text = `no webhook subscription posts to ${shown(publicUrl)}, and ${all.length} post elsewhere: make one (docs/webhooks.md), or correct \`http.pagerduty_webhook.public_url\``;
    return only(told(failed, text));
  }
  const live = own.filter(({ active, temporarilyDisabled }) => active && !temporarilyDisabled);
  const findings = own.filter((each) => !live.includes(each)).map(switchedOff);
  const services = live.length === 0 ? [] : await servicesPaged(policy, directory, ask);
  return {
    findings: [
      ...findings,
      ...services.map((service) => checkService(service, live)),
      ...(live.length === 0 ? [] : checkAnnotations(policy, live)),
    ],
    live: live.map(({ id }) => id),
  };
}

function told(state: typeof failed, text: string): Finding {
  return state(WEBHOOK_SUBJECT, text);
}

function only(finding: Finding): CheckedWebhooks {
  return { findings: [finding], live: [] };
}

function cannotBeTold(count: number): Finding {
  const text =
    count === 0
      ? 'the account has no webhook subscription that the key may see: make one (docs/webhooks.md)'
      : `which of the ${count} webhook subscriptions of the account is meant for this service cannot be told`;
  return told(
    warning,
    `${text}; set \`http.pagerduty_webhook.public_url\` to the address that PagerDuty posts to`,
  );
}

function switchedOff({ id, active }: WebhookSubscription): Finding {
  return told(
    failed,
    active
      ? `PagerDuty has switched subscription ${id} off for a day, because three webhooks in a row were refused: look at oncall_approver_webhooks_total, mend it, and enable the subscription`
      : `subscription ${id} is not active: activate it in PagerDuty`,
  );
}

function checkService(service: Service, live: readonly WebhookSubscription[]): Finding {
  const name = `service ${sanitise(service.summary, 100)} (${service.id})`;
  const covering = live.filter(
    ({ filter: { type, id } }) => type === 'account_reference' || id === service.id,
  );
  if (covering.length === 0) {
    const teams = live.filter(({ filter }) => filter.type === 'team_reference');
    if (teams.length > 0) {
      const when = `only if it belongs to team ${ids(teams)}, which is not looked into`;
      return told(warning, `pages on ${name} are heard of ${when}`);
    }
    const others = `${live.length === 1 ? 'the subscription is' : 'the subscriptions are'} for ${ids(live)}`;
    return told(
      failed,
      `pages are opened on ${name}, but ${others}: make one for it, or one for the account`,
    );
  }
  const events = new Set(covering.flatMap((each) => each.events));
  const missing = NEEDED_EVENTS.filter((event) => !events.has(event));
  if (missing.length === 0) return told(ok, `answers to pages on ${name} are told at once`);
  const where = covering.map(({ id }) => id);
  const untold = `of incidents on ${name} PagerDuty does not tell ${listed(missing, 'and')}`;
  return told(warning, `${untold}: add the events to subscription ${listed(where, 'or')}`);
}

/** What a request's annotation names is known only then. */
function checkAnnotations({ rules }: Policy, live: readonly WebhookSubscription[]): readonly Finding[] {
  const fromAnnotations = rules.some(({ escalate }) => (escalate?.fromAnnotation ?? null) !== null);
  const text =
    'pages also go to services that annotations of requests name: answers on those are told at once only by a subscription for the account';
  const isHeard = live.some(({ filter }) => filter.type === 'account_reference');
  return fromAnnotations && !isHeard ? [told(warning, text)] : [];
}

function ids(subscriptions: readonly WebhookSubscription[]): string {
  return listed([...new Set(subscriptions.map(({ filter }) => filter.id ?? filter.type))], 'and');
}

/** Services that rules page on. One that does not exist is told by the check of its rule. */
async function servicesPaged(
  { rules }: Policy,
  directory: Pick<OnCallDirectory, 'service'>,
  ask: Ask,
): Promise<readonly Service[]> {
  const names = new Set(
    rules.flatMap(({ escalate }) => (escalate === null ? [] : desksOf(escalate, { annotations: {} }))),
  );
  const found = await Promise.all(
    [...names].map((name) => orNull(directory.service(name, ask), PagerDutyError)),
  );
  const services = found.filter((service) => service !== null);
  return [...new Map(services.map((service) => [service.id, service])).values()];
}

/** Two ways to write one address are one. */
function addressOf(url: string): string {
  const { origin, pathname, search } = URL.parse(url) ?? { origin: url, pathname: '', search: '' };
  return `${origin}${pathname.replace(/\/+$/u, '')}${search}`;
}

/** Without its query, in which people keep secrets. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
