import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { WEBHOOK_PATH } from '../../../src/http/pagerduty-webhook.ts';
import { freePort } from '../../support/free-port.ts';
import type { Stage } from '../../service/stage.ts';
import {
  aLayer,
  aPolicy,
  aRule,
  aSchedule,
  aService,
  aSubscription,
  aUser,
} from '../../sim/pagerduty/builders.ts';
import { triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import type { EscalationPolicy, EscalationTarget } from '../../sim/pagerduty/model.ts';
import { LED } from './fate.ts';
import type { Setting } from './setting.ts';
import { WebhookGate } from './webhook-gate.ts';

/** A Teleport user who reviews and never asks. */
export const REVIEWER = 'lead';
/** By this reason what people do in Teleport is told from what the service does. */
export const LOOKED_AT = 'looked at';
export const ROTA_SCHEDULE = 'PROTASC';
/** The policies of the services that the rules name. */
export const POLICIES = ['PPOLCY1', 'PROTAPO'] as const;
/** For whose role the glass may be broken, and by which rule. */
export const GLASS_ROLE = 'glassaccess';
export const GLASS_RULE = 'glass';
const PEOPLE_FOR_TWO_PAGES = 100;
const WEBHOOK_SECRET = 'a secret of the webhook subscription';

/**
 * The rules of the set-up: those who are on call are let in, an approver is asked for the others, auditors are denied, and the
 * glass may be broken for a role of its own.
 */
export function configOf({
  withShift,
  acknowledging,
  impatient,
  repage,
  ownNames,
  breakGlass,
  usage,
}: Setting): Record<string, unknown> {
  // Shifts change by the second here: an age has its own tests.
  const onCall = {
    on_call: { services: ['Payments API', 'Ledger API'], min_shift_age: '0s' },
    require: { reason: true },
  };
  const escalate = {
    service: 'Access requests',
    ...(impatient ? { remind_after: '1s', move_up_after: '2s' } : {}),
    if_resolved: repage ? 'repage' : 'leave',
  };
  const approvers = { answer_by: acknowledging ? ['note', 'acknowledge'] : ['note'] };
  return {
    // Whose name it is that the service may vote in can be read backwards from a map, not from a trait.
    identities: [...(ownNames ? [{ map: { 'sre-1': 'PSAM1RE' } }] : []), { trait: 'email' }],
    log: { level: 'debug' },
    ...(usage ? { usage: { settles: '1s' } } : {}),
    rules: [
      {
        name: 'prod-oncall',
        roles: ['prodaccess', 'dualaccess'],
        ...onCall,
        otherwise: 'escalate',
        escalate: { ...escalate, decide_within: '3s' },
        approvers,
        ...(withShift ? { access_ends: 'with_shift', warn_before: '5s' } : {}),
      },
      {
        name: 'audit-oncall',
        roles: ['auditaccess'],
        ...onCall,
        otherwise: 'deny',
        escalate: { service: 'Access requests', decide_within: '3s' },
      },
      ...(breakGlass ? glassRules({ ...onCall, escalate, approvers }) : []),
    ],
  };
}

interface OrdinaryParts {
  readonly on_call: object;
  readonly require: object;
  readonly escalate: object;
  readonly approvers: object;
}

/** The rule that cannot be answered while PagerDuty is silent, and the one for that hour, with a service of its own to page. */
function glassRules({ escalate, ...ordinary }: OrdinaryParts): readonly object[] {
  const decide_within = '1s';
  return [
    {
      name: 'glass-oncall',
      roles: [GLASS_ROLE],
      ...ordinary,
      otherwise: 'escalate',
      escalate: { ...escalate, decide_within },
    },
    {
      name: GLASS_RULE,
      roles: [GLASS_ROLE],
      break_glass: true,
      escalate: { service: 'Broken glass', decide_within },
    },
  ];
}

export interface Places {
  readonly webhooks: WebhookGate | null;
  /** One a replica. */
  readonly configFiles: readonly string[];
}

/** A configuration for each replica; with webhooks each has a listener of its own, behind a load balancer that PagerDuty knows. */
export async function placeReplicas(stage: Stage, replicas: number, setting: Setting): Promise<Places> {
  const slots = Array.from({ length: replicas }, (_, slot) => slot);
  if (!setting.webhooks) return { webhooks: null, configFiles: slots.map(() => stage.configFile) };
  await writeFile(join(stage.folder, 'webhook-secret'), WEBHOOK_SECRET, { mode: 0o600 });
  const config = parse(await readFile(stage.configFile, 'utf8')) as Record<string, unknown>;
  const ports: number[] = [];
  const configFiles: string[] = [];
  for (const slot of slots) {
    const port = await freePort();
    const http = { listen: `127.0.0.1:${port}`, pagerduty_webhook: { secret_files: ['webhook-secret'] } };
    const file = join(stage.folder, `config-${slot}.yaml`);
    await writeFile(file, stringify({ ...config, http }));
    ports.push(port);
    configFiles.push(file);
  }
  const webhooks = await WebhookGate.open(ports);
  const url = `${webhooks.url}${WEBHOOK_PATH}`;
  stage.pagerDuty.webhooks.configure({ retryDelayMs: 1_000, timeoutMs: 2_000 });
  stage.pagerDuty.account.addWebhookSubscription(aSubscription({ url, secrets: [WEBHOOK_SECRET] }));
  return { webhooks, configFiles };
}

/** The reference story, with a second service whose rota turns fast, a stranger to PagerDuty, and roles of their own. */
export function populate(stage: Stage): void {
  populateTeleport(stage);
  populatePagerDuty(stage);
}

function populateTeleport({ teleport: { cluster } }: Stage): void {
  const { directory, capabilities } = cluster;
  const sres = directory.role('sres');
  const reviewer = directory.role('access-reviewer');
  for (const name of ['dbaccess', 'auditaccess', 'dualaccess', GLASS_ROLE])
    directory.putRole({ name, allow: {} });
  const requested = ['prodaccess', 'auditaccess', 'dbaccess', GLASS_ROLE];
  // What is asked for by resource must be searchable by it, and only Enterprise knows requests for resources.
  const search = capabilities.edition === 'enterprise' ? { searchAsRoles: ['prodaccess'] } : {};
  const request = { ...sres.allow.request, roles: requested, ...search };
  directory.putRole({ ...sres, allow: { ...sres.allow, request } });
  if (capabilities.edition === 'enterprise') {
    const thresholds = [{ name: 'two', filter: '', approve: 2, deny: 1 }];
    directory.putRole({ name: 'duals', allow: { request: { roles: ['dualaccess'], thresholds } } });
    const reviewRequests = { ...reviewer.allow.reviewRequests, roles: [...requested, 'dualaccess'] };
    directory.putRole({ ...reviewer, allow: { ...reviewer.allow, reviewRequests } });
    directory.putUser(anSsoUser('dual-1', ['duals']));
  }
  const led = LED.map(({ user }) => user);
  for (const name of ['rota-1', 'rota-2', 'glass-1', 'glass-2', 'busy', 'stranger', ...led])
    directory.putUser(anSsoUser(name, ['sres']));
  directory.putUser({ ...anSsoUser(REVIEWER, ['access-reviewer']), traits: {} });
}

function anSsoUser(name: string, roles: readonly string[]) {
  const email = `${name}@example.com`;
  return {
    name,
    roles,
    traits: { email: [email] },
    connector: { type: 'saml', id: 'okta', identity: email },
  };
}

function populatePagerDuty({ pagerDuty: { account } }: Stage): void {
  for (const turn of [1, 2]) {
    account.users.put({ id: `PROTA0${turn}`, ...aUser({ email: `rota-${turn}@example.com` }) });
    account.users.put({ id: `PGLASS${turn}`, ...aUser({ email: `glass-${turn}@example.com` }) });
  }
  for (const { user, pagerDutyId } of LED)
    account.users.put({ id: pagerDutyId, ...aUser({ email: `${user}@example.com` }) });
  account.users.put({ id: 'PDUAL01', ...aUser({ email: 'dual-1@example.com' }) });
  const standIn = account.users.put({ id: 'PROTA99', ...aUser({ email: 'stand-in@example.com' }) });
  const schedule = aSchedule({ name: 'Ledger rota', layers: [aLayer({ userIds: [standIn.id] })] });
  const layers = schedule.layers.map((layer) => ({ id: 'PROTALA', ...layer }));
  account.schedules.put({ ...schedule, layers, id: ROTA_SCHEDULE });
  account.escalationPolicies.put(aPolicyFor({ kind: 'schedule', id: ROTA_SCHEDULE }, 'PROTAPO', 'Ledger'));
  account.services.put({ id: 'PROTASE', ...aService({ name: 'Ledger API', escalationPolicyId: 'PROTAPO' }) });
  account.users.put({ id: 'PBUSY01', ...aUser({ email: 'busy@example.com' }) });
  // So many people that PagerDuty lists them by pages: whom half a list lacks is not unknown to it.
  for (let other = 1; other <= PEOPLE_FOR_TWO_PAGES; other += 1)
    account.users.put({ id: `POTHER${other}`, ...aUser({ email: `other-${other}@example.com` }) });
  // Somebody is always on call for it: nobody may break the glass because there is nobody to page.
  const glass = aService({ name: 'Broken glass', escalationPolicyId: 'PPOLCY1' });
  account.services.put({ id: 'PGLASSE', ...glass });
  for (const serviceId of ['PSERVC1', 'PROTASE'])
    triggerAlert(account, { serviceId, title: 'checkout fails' });
}

function aPolicyFor(target: EscalationTarget, id: string, name: string): EscalationPolicy {
  const rules = [{ id: `${id}RU`, ...aRule([target]) }];
  return { ...aPolicy({ name, rules: [] }), id, rules };
}
