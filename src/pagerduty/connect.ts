import { epochMsOf } from '../core/values/instant.ts';
import type { PagerDutyLookAhead } from '../ports/look-ahead.ts';
import type {
  Incidents,
  OnCallDirectory,
  OwnershipDirectory,
  PageType,
  PagerDutyAdmin,
  PagerDutyBudget,
  PagerDutyCredentials,
  PagerDutyExchange,
  PagerDutyLimits,
  Pulse,
} from '../ports/pagerduty.ts';
import { createPagerDutyAdmin } from './admin.ts';
import { createPagerDutyClient } from './http/client.ts';
import { credentialsOf, type CredentialOptions } from './http/credentials.ts';
import { createIncidents } from './incidents.ts';
import { createLookAhead } from './look-ahead.ts';
import { createOnCallDirectory, createOwnershipDirectory } from './on-call-directory.ts';
import { READ_ON_CALLS } from './on-call-rows.ts';
import { createPageType } from './page-type.ts';
import { createPulse } from './pulse.ts';

export interface PagerDutyOptions extends Omit<CredentialOptions, 'proxyEnv'> {
  /** `https://api.pagerduty.com`, `https://api.eu.pagerduty.com`, or any other http(s) URL. */
  readonly apiUrl: string;
  /** E-mail address of the PagerDuty user that notes and incidents are written as. */
  readonly from: string;
  readonly version: string;
  readonly random: () => number;
  readonly onExchange?: (exchange: PagerDutyExchange) => void;
  /** The HTTP proxy on the way there; none unless told. */
  readonly httpProxy?: URL | null;
}

export interface PagerDutyConnection extends Disposable {
  readonly directory: OnCallDirectory;
  readonly ownershipDirectory: OwnershipDirectory;
  readonly incidents: Incidents;
  readonly admin: PagerDutyAdmin;
  readonly pageType: PageType;
  readonly pulse: Pulse;
  readonly lookAhead: PagerDutyLookAhead;
  /** What may still be asked with the reading key. */
  readonly budget: () => PagerDutyBudget;
  readonly limits: () => PagerDutyLimits;
  readonly credentials: () => PagerDutyCredentials;
  /** Sees that keys can be read, and has tokens before they are needed. Throws PagerDutyError, or why a key cannot be read. */
  readonly refreshCredentials: () => Promise<void>;
}

/** Everything this service asks of PagerDuty, over one set of connections. No call is made yet. */
export function connectPagerDuty(options: PagerDutyOptions): PagerDutyConnection {
  const { apiUrl, from, version, random, httpProxy = null } = options;
  const proxy =
    httpProxy === null ? {} : { proxyEnv: { HTTPS_PROXY: httpProxy.href, HTTP_PROXY: httpProxy.href } };
  const {
    state: credentials,
    refresh: refreshCredentials,
    ...keys
  } = credentialsOf({ ...options, ...proxy });
  const { readKey, writeKey } = keys;
  const common = {
    apiUrl,
    from,
    version,
    random,
    ...(options.onExchange === undefined ? {} : { onExchange: options.onExchange }),
    ...proxy,
    ...keys,
  };
  const client = createPagerDutyClient(common);
  const readingOnly = writeKey === readKey ? null : createPagerDutyClient({ ...common, writeKey: readKey });
  const directory = createOnCallDirectory(client);
  const pageType = createPageType(client);
  const now = (): number => epochMsOf(options.clock.now());
  return {
    directory,
    ownershipDirectory: createOwnershipDirectory(client),
    incidents: createIncidents(client, { now, pageType }),
    pageType,
    pulse: createPulse(client),
    lookAhead: createLookAhead(client),
    budget: () => client.budget(),
    limits() {
      const { key, own: onCalls } = client.limits(READ_ON_CALLS);
      return { key, onCalls };
    },
    credentials,
    refreshCredentials,
    admin: createPagerDutyAdmin(client, directory, readingOnly),
    [Symbol.dispose]() {
      client[Symbol.dispose]();
      readingOnly?.[Symbol.dispose]();
    },
  };
}
