import { epochMsOf } from '../core/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Incidents, OnCallDirectory, PagerDutyAdmin, PagerDutyExchange } from '../ports/pagerduty.ts';
import { createPagerDutyAdmin } from './admin.ts';
import { createPagerDutyClient } from './client.ts';
import { createIncidents } from './incidents.ts';
import { cacheNames } from './name-cache.ts';
import { createOnCallDirectory } from './on-call-directory.ts';

export interface PagerDutyOptions {
  /** `https://api.pagerduty.com`, `https://api.eu.pagerduty.com`, or any other http(s) URL. */
  readonly apiUrl: string;
  /** E-mail address of the PagerDuty user that notes and incidents are written as. */
  readonly from: string;
  readonly readKey: { readonly reveal: () => string };
  readonly writeKey: { readonly reveal: () => string };
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onExchange?: (exchange: PagerDutyExchange) => void;
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` as in an environment; no proxy unless told. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>;
}

export interface PagerDutyConnection extends Disposable {
  readonly directory: OnCallDirectory;
  readonly incidents: Incidents;
  readonly admin: PagerDutyAdmin;
}

/** Everything this service asks of PagerDuty, over one set of connections. No call is made yet. */
export function connectPagerDuty(options: PagerDutyOptions): PagerDutyConnection {
  const { apiUrl, from, version, random } = options;
  const client = createPagerDutyClient({
    apiUrl,
    from,
    version,
    random,
    tokenType: 'token',
    ...(options.onExchange === undefined ? {} : { onExchange: options.onExchange }),
    ...(options.proxyEnv === undefined ? {} : { proxyEnv: options.proxyEnv }),
    readKey: () => options.readKey.reveal(),
    writeKey: () => options.writeKey.reveal(),
  });
  const directory = createOnCallDirectory(client);
  return {
    directory: cacheNames(directory, { now: () => epochMsOf(options.clock.now()) }),
    incidents: createIncidents(client),
    admin: createPagerDutyAdmin(client, directory),
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}
