import { z } from 'zod';
import { duration } from './duration.ts';

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

const PagerDuty = z.strictObject({
  api_key_file: filePath.optional(),
  api_key: environmentSecret.optional(),
  write_key_file: filePath.optional(),
  write_key: environmentSecret.optional(),
  from: z.email(
    'must be the e-mail address of a PagerDuty user: notes and incidents are written in its name',
  ),
  region: z.enum(['us', 'eu']).default('us'),
  api_url: z.url({ protocol: /^https?$/u, message: 'must be an http(s) address' }).optional(),
});

const Identity = z.union(
  [
    z.strictObject({
      map: z.record(text, text.regex(/^[A-Z0-9]{5,}$/u, 'must be a PagerDuty user id, for instance PXYZ789')),
    }),
    z.strictObject({ trait: text }),
    z.strictObject({ username_is_email: z.literal(true) }),
  ],
  'must be one of `map: {teleport user: PagerDuty user id}`, `trait: name`, `username_is_email: true`',
);

const OnCall = z.strictObject({
  services: texts,
  escalation_policies: texts,
  schedules: texts,
  from_annotation: text.optional(),
  max_level: z.int().min(1, 'must be 1 or more: level 1 is notified first').default(1),
  permanent: z.boolean().default(false),
});

const Escalate = z.strictObject({
  service: text.optional(),
  from_annotation: text.optional(),
  urgency: z.enum(['high', 'low']).default('high'),
  decide_within: duration.default(120_000),
});

const Rule = z.strictObject({
  name: text.regex(/^[\w.-]+$/u, 'may have letters, digits, dots, dashes and underscores only'),
  roles: z.array(text).min(1, 'must name at least one role: without one the rule can never match'),
  on_call: OnCall,
  require: z.strictObject({ reason: z.boolean().default(false) }).default({ reason: false }),
  otherwise: z.enum(['escalate', 'deny', 'leave']).default('escalate'),
  escalate: Escalate.optional(),
});

const Log = z
  .strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    /** stderr, stdout, or the path of a file. */
    output: text.default('stderr'),
  })
  .prefault({});

/** The configuration file, with its defaults filled in. Unknown keys are refused. */
export const ConfigFile = z.strictObject({
  teleport: Teleport,
  pagerduty: PagerDuty,
  identities: z.array(Identity).min(1, 'must name at least one source: nobody could be recognised'),
  require_sso: z.boolean().default(false),
  rules: z.array(Rule).min(1, 'must have at least one rule'),
  ledger: z.strictObject({ sqlite: filePath }).prefault({ sqlite: '/var/lib/oncall-approver/ledger.sqlite' }),
  log: Log,
});
export type ConfigFile = z.infer<typeof ConfigFile>;
export type RuleConfig = ConfigFile['rules'][number];
export type LogSettings = ConfigFile['log'];
