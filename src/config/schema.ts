import { z } from 'zod';
import { WEEKDAYS } from '../core/values/opening-hours.ts';
import { Claim } from './claim-schema.ts';
import { duration, listenAddress } from './written-values.ts';
import { Owner } from './owner-schema.ts';
import { Scope } from './scope-schema.ts';

const text = z.string().trim().min(1, 'must not be empty');
const texts = z.array(text).default([]);
const filePath = text;
/** The one place where `${NAME}` is understood: secrets that come from the environment. */
const environmentSecret = z
  .string()
  .regex(
    /^\$\{[A-Z_][A-Z0-9_]*\}$/u,
    'must be ${NAME}, the name of an environment variable: secrets do not belong into this file (or use the key with `_file`)',
  );

const httpUrl = z.url({ protocol: /^https?$/u, message: 'must be an http(s) address' });

const Teleport = z.strictObject({
  addr: text.regex(/^[^\s/]+:\d+$/u, 'must be host:port, for instance teleport.example.com:443'),
  via: z.enum(['auto', 'direct', 'proxy']).default('auto'),
  cluster: text.optional(),
  proxy_ca: filePath.optional(),
  identity: filePath.optional(),
  client_crt: filePath.optional(),
  client_key: filePath.optional(),
  root_cas: filePath.optional(),
  resolve_with: z.enum(['auto', 'review', 'state']).default('auto'),
});

/** Instead of API keys: an app of the account with scoped OAuth. */
const OAuth = z
  .strictObject({
    client_id: text,
    client_secret_file: filePath.optional(),
    client_secret: environmentSecret.optional(),
    subdomain: text.regex(
      /^[\w-]+$/u,
      "must be the first part of the account's web address, for instance acme",
    ),
    token_url: httpUrl.default('https://identity.pagerduty.com/oauth/token'),
  })
  .refine(
    ({ client_secret_file: file, client_secret: secret }) => (file === undefined) !== (secret === undefined),
    'needs one of `client_secret_file: path` and `client_secret: ${NAME}`',
  );

const PagerDuty = z.strictObject({
  api_key_file: filePath.optional(),
  api_key: environmentSecret.optional(),
  write_key_file: filePath.optional(),
  write_key: environmentSecret.optional(),
  from: z.email(
    'must be the e-mail address of a PagerDuty user: notes and incidents are written in its name',
  ),
  region: z.enum(['us', 'eu']).default('us'),
  api_url: httpUrl.optional(),
  oauth: OAuth.optional(),
  /** By an answer that is older than clocks may differ, nobody is approved: a wrong clock would be told. */
  freshness: duration
    .refine((ms) => ms <= 30_000, 'must be 30s or less: who was on call before that tells nothing of now')
    .default(2_000),
});

/** Who is on call is read ahead of need, for no more than a share of what PagerDuty allows the key in a minute. */
const Roster = z
  .strictObject({
    budget: z
      .string()
      .regex(/^(?:[0-9]|[1-4][0-9]|50)%$/u, 'must be a share between 0% and 50%, in quotes')
      .default('5%'),
  })
  .prefault({});

/** Teleport user → PagerDuty user id; also the whole content of a `map_file`. */
export const IdentityMap = z.record(
  text,
  text.regex(/^[A-Z0-9]{5,}$/u, 'must be a PagerDuty user id, for instance PXYZ789'),
);

const Identity = z.union(
  [
    z.strictObject({
      map: z.record(text, text.regex(/^[A-Z0-9]{5,}$/u, 'must be a PagerDuty user id, for instance PXYZ789')),
    }),
    z.strictObject({ map_file: filePath }),
    z.strictObject({ trait: text }),
    z.strictObject({ username_is_email: z.literal(true) }),
  ],
  'must be one of `map: {teleport user: PagerDuty user id}`, `map_file: path`, `trait: name`, `username_is_email: true`',
);

const OnCall = z.strictObject({
  services: texts,
  escalation_policies: texts,
  schedules: texts,
  teams: texts,
  /** How long a policy must have been seen in a team. */
  teams_settled: duration.default(86_400_000),
  from_annotation: text.optional(),
  max_level: z.int().min(1, 'must be 1 or more: level 1 is notified first').default(1),
  permanent: z.boolean().default(false),
  min_shift_age: duration.default(600_000),
  grace_after_shift: duration.default(0),
});
const OnCallOrOwner = OnCall.extend({ owner: Owner.optional() });

const clockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/u, 'must be a time of day between "00:00" and "24:00", in quotes')
  .transform((value) => Number(value.slice(0, 2)) * 60 + Number(value.slice(3)));

const Hours = z.strictObject({
  time_zone: text.refine(isTimeZone, 'must be an IANA time zone, for instance Europe/Berlin'),
  spans: z
    .array(
      z.strictObject({
        days: z
          .array(z.enum(WEEKDAYS))
          .min(1)
          .default([...WEEKDAYS]),
        from: clockTime,
        until: clockTime,
      }),
    )
    .min(1, 'must have at least one span: without one the rule can never match'),
});

const When = z.strictObject({
  requester_roles: z.array(text).min(1).optional(),
  requester_traits: z.record(text, z.array(text).min(1)).optional(),
  resources: Scope.optional(),
  hours: Hours.optional(),
});

const OpenIncident = z.union(
  [
    z.boolean(),
    z.strictObject({
      urgency: z.enum(['high', 'low']).optional(),
      requester: z.enum(['any', 'assigned', 'acknowledged', 'responder']).default('any'),
      min_age: duration.optional(),
    }),
  ],
  'must be true, or `{urgency: high | low, requester: any | assigned | acknowledged | responder, min_age: 5m}`',
);

const Require = z.strictObject({
  reason: z.boolean().default(false),
  open_incident: OpenIncident.default(false),
  max_duration: duration.optional(),
});

const Escalate = z.strictObject({
  service: z
    .union(
      [text, z.array(text).min(1).max(10)],
      'must be a service of PagerDuty, or a list of up to ten: each is paged where those before it reach nobody',
    )
    .optional(),
  from_annotation: text.optional(),
  owner: z.boolean().default(false),
  owner_field: text.optional(),
  urgency: z.enum(['high', 'low', 'as_service']).default('high'),
  decide_within: duration.default(120_000),
  remind_after: duration.default(900_000),
  move_up_after: duration.optional(),
  if_resolved: z.enum(['leave', 'repage']).default('repage'),
  most_open_pages: z.int().min(1, 'must be 1 or more: somebody must be asked').max(100).default(3),
});

/** As `escalate`, of a rule that pages for every request and approves none. */
const Notify = Escalate.pick({ service: true, from_annotation: true, urgency: true, remind_after: true });

export const NOTHING_SAID_OF_PAGES = Escalate.parse({});

const Approvers = z.strictObject({
  on_call: OnCall.optional(),
  owner: z.boolean().default(false),
  answer_by: z
    .array(z.enum(['note', 'acknowledge', 'teleport']))
    .min(1)
    .refine(
      (ways) => !ways.includes('teleport') || ways.length === 1,
      '`teleport` stands alone: with it no answer on the page counts',
    )
    .default(['note']),
});

const AccessEnds = z.union(
  [
    z.enum(['by_itself', 'with_shift']),
    z
      .strictObject({
        with_shift: z.boolean().default(false),
        with_incident: duration.optional(),
        after: duration.optional(),
        whichever: z.enum(['first', 'last']).default('first'),
      })
      .refine(
        ({ with_shift, with_incident, after }) =>
          with_shift || with_incident !== undefined || after !== undefined,
      ),
  ],
  'must be by_itself, with_shift, or `{with_shift: true, with_incident: 30m, after: 4h, whichever: first | last}` with at least one of the first three',
);

const Rule = z.strictObject({
  name: text.regex(/^[\w.-]+$/u, 'may have letters, digits, dots, dashes and underscores only'),
  roles: z.array(text).min(1, 'must name at least one role: without one the rule can never match'),
  when: When.prefault({}),
  on_call: OnCallOrOwner.prefault({}),
  responders: z.boolean().default(false),
  local_users: z.array(text).min(1).max(100).optional(),
  require: Require.prefault({}),
  otherwise: z.enum(['escalate', 'deny', 'leave']).default('escalate'),
  escalate: Escalate.optional(),
  notify: Notify.optional(),
  approvers: Approvers.prefault({}),
  access_ends: AccessEnds.default('by_itself'),
  warn_before: duration.optional(),
  mode: z.enum(['enforce', 'shadow']).default('enforce'),
  break_glass: z.boolean().default(false),
});

/** Pages on which the record of decisions is read; without this section there are none. */
const Pages = z.union(
  [
    z.strictObject({ token_file: filePath }),
    z.strictObject({
      trusted_user_header: text.regex(/^[A-Za-z0-9-]+$/u, 'must be the name of an HTTP header'),
      trusted_proxies: z.array(z.union([z.ipv4(), z.ipv6()])).default(['127.0.0.1', '::1']),
    }),
  ],
  'must be `token_file: path`, or `trusted_user_header: name` (with `trusted_proxies: [addresses]`)',
);

const Http = z.strictObject({
  /** `host:port` of the listener for health and metrics; loopback unless told. */
  listen: listenAddress.prefault('127.0.0.1:8080'),
  pages: Pages.optional(),
  /** Answers to pages are heard at once; without it they are asked for. */
  pagerduty_webhook: z
    .strictObject({
      secret_files: z
        .array(filePath)
        .min(1, 'must name at least one file: webhooks are known by their secret'),
      /** Only `check` needs to know. */
      public_url: z
        .url({ protocol: /^https?$/u, message: 'must be the address that PagerDuty posts to, https://…' })
        .optional(),
    })
    .optional(),
});

/** What given access is used for, by Teleport's audit log; without this section it is not read. */
const Usage = z.strictObject({
  searches: z.enum(['auto', 'cheap', 'dear']).default('auto'),
  settles: duration.optional(),
  note: z.boolean().default(true),
  review: z.strictObject({ service: text }).optional(),
});

/** Traces and metrics for a collector of OpenTelemetry; without this section, and without its environment variable, there are none. */
const Telemetry = z.strictObject({ otlp: z.strictObject({ endpoint: httpUrl }) });

const Log = z
  .strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    /** stderr, stdout, or the path of a file. */
    output: text.default('stderr'),
  })
  .prefault({});

/** How long entries are kept; without it, for ever. Shorter than a month is more likely a slip than meant. */
const keep = duration
  .refine((ms) => ms >= 30 * 86_400_000, 'must be 30d or more: what is removed is gone')
  .optional();

/** One file for one instance; a database for several replicas. */
const Ledger = z.union(
  [
    z.strictObject({ sqlite: filePath, key_file: filePath.optional(), keep }),
    z.strictObject({
      keep,
      key_file: filePath.optional(),
      postgres: z.union([z.strictObject({ url_file: filePath }), z.strictObject({ url: environmentSecret })]),
    }),
  ],
  'must be `sqlite: path`, `postgres: {url_file: path}` or `postgres: {url: ${NAME}}`',
);

/** The configuration file, with its defaults filled in. Unknown keys are refused. */
export const ConfigFile = z.strictObject({
  teleport: Teleport,
  pagerduty: PagerDuty,
  roster: Roster,
  identities: z.array(Identity).min(1, 'must name at least one source: nobody could be recognised'),
  require_sso: z.boolean().default(true),
  addresses: z.enum(['managed', 'unmanaged']).default('unmanaged'),
  rules: z.array(Rule).min(1, 'must have at least one rule'),
  claims: z.array(Claim).default([]),
  ledger: Ledger.prefault({ sqlite: '/var/lib/oncall-approver/ledger.sqlite' }),
  http: Http.optional(),
  usage: Usage.optional(),
  telemetry: Telemetry.optional(),
  log: Log,
  time_zone: text.refine(isTimeZone, 'must be an IANA time zone, for instance Europe/Berlin').optional(),
  /** Rules, identities and keys are read again by SIGHUP, or also where the file has changed. */
  reload: z.enum(['signal', 'watch']).default('signal'),
});
export type ConfigFile = z.infer<typeof ConfigFile>;
export type RuleConfig = ConfigFile['rules'][number];
export type ClaimConfig = ConfigFile['claims'][number];

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
