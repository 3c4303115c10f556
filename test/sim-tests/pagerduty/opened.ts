import type { Account } from '../../sim/pagerduty/account.ts';
import type { Incident } from '../../sim/pagerduty/incident-model.ts';
import { triggerAlert, type NewIncident } from '../../sim/pagerduty/incident-opening.ts';
import {
  startPagerDuty,
  type SimulatedPagerDuty,
  type PagerDutyOptions,
} from '../../sim/pagerduty/start-pagerduty.ts';
import { call, type ApiReply, type CallOptions } from './api-client.ts';
import { referenceAccount } from './reference-account.ts';

/** A running PagerDuty with an account whose clock stands still, and what is asked of it. */
export interface Opened extends AsyncDisposable {
  readonly account: Account;
  readonly pagerDuty: SimulatedPagerDuty;
  readonly get: (path: string, options?: CallOptions) => Promise<ApiReply>;
  readonly send: (method: string, path: string, body?: unknown, options?: CallOptions) => Promise<ApiReply>;
  /** What monitoring opens on Payments API. */
  readonly alert: (fields?: Partial<NewIncident>) => Incident;
  /** Changes an incident, as the service does unless told. */
  readonly change: (id: string, fields: object, from?: string) => Promise<ApiReply>;
}

export async function opened(
  options: Omit<PagerDutyOptions, 'account'> & { readonly account?: Account } = {},
): Promise<Opened> {
  const account = options.account ?? referenceAccount();
  const pagerDuty = await startPagerDuty({ ...options, account });
  const send: Opened['send'] = (method, path, body, sending) =>
    call(pagerDuty.url, method, path, { ...(body === undefined ? {} : { body }), ...sending });
  return {
    account,
    pagerDuty,
    get: (path, sending) => send('GET', path, undefined, sending),
    send,
    alert: (fields) => anAlert(account, fields),
    change: (id, fields, from) =>
      send(
        'PUT',
        `/incidents/${id}`,
        { incident: { type: 'incident_reference', ...fields } },
        from === undefined ? {} : { from },
      ),
    [Symbol.asyncDispose]: () => pagerDuty[Symbol.asyncDispose](),
  };
}

/** What monitoring opens on Payments API. */
function anAlert(account: Account, fields: Partial<NewIncident> = {}): Incident {
  const incident = triggerAlert(account, { title: 'down', serviceId: 'PSERVC1', ...fields });
  if (incident === undefined) throw new Error('no incident was opened');
  return incident;
}
