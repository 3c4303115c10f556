import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../core/values/cause.ts';
import { ConfigError } from './config-error.ts';

/** What the plugin's file says, as its documentation has it (`teleport-pagerduty configure`). */
const PluginFile = z.looseObject({
  teleport: z.looseObject({
    addr: z.string().min(1),
    identity: z.string().optional(),
    client_key: z.string().optional(),
    client_crt: z.string().optional(),
    root_cas: z.string().optional(),
  }),
  pagerduty: z.looseObject({ api_key: z.string().min(1), user_email: z.string().min(1) }),
  log: z.looseObject({ output: z.string().optional(), severity: z.string().optional() }).optional(),
});

const Role = z.looseObject({
  kind: z.literal('role'),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    allow: z
      .looseObject({
        request: z
          .looseObject({
            roles: z.array(z.string()).default([]),
            annotations: z.record(z.string(), z.array(z.string())).default({}),
          })
          .optional(),
      })
      .optional(),
  }),
});

/** The section has no name of its own in the plugin, whose parser takes that of the field in any case: `[pagerduty.RequestAnnotations]`. */
const ANNOTATIONS_SECTION = 'requestannotations';
const AnnotationNames = z.looseObject({
  services: z.string().default(''),
  notify_service: z.string().default(''),
});
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  teleport: [
    'addr',
    'identity',
    'client_key',
    'client_crt',
    'root_cas',
    'refresh_identity',
    'refresh_identity_interval',
  ],
  pagerduty: ['api_key', 'user_email'],
  log: ['output', 'severity'],
};

export interface Migrated {
  readonly settings: string;
  /** The API key, where it stood in the plugin's file itself. */
  readonly key: string | null;
  /** What is other than it was, a sentence each. */
  readonly differences: readonly string[];
}

/** The plugin's file and the roles with its annotations (`tctl get roles`), as settings of ours. Throws ConfigError. */
export function fromPlugin(toml: string, roles: string): Migrated {
  const plugin = pluginIn(toml);
  const names = annotationNamesIn(plugin);
  const annotated = rolesIn(roles);
  const withServices = annotated.filter(({ annotations }) => names.services in annotations);
  const notifyOnly = annotated.filter(
    ({ annotations }) => names.notify in annotations && !(names.services in annotations),
  );
  const named = [...new Set(withServices.flatMap((role) => role.roles))];
  const asked = named.filter(isName);
  // Where the first rule covers a role, the second would be in the way of its approvals.
  const told = [...new Set(notifyOnly.flatMap((role) => role.roles))].filter(
    (name) => isName(name) && !asked.includes(name),
  );
  if (asked.length === 0) {
    throw new ConfigError(
      `no role with the annotation \`${names.services}\` names the roles that may be requested: give the file that \`tctl get roles\` writes`,
    );
  }
  const pages = withServices.some(({ annotations }) => names.notify in annotations);
  const inline = plugin.pagerduty.api_key.startsWith('/') ? null : plugin.pagerduty.api_key;
  return {
    settings: settingsOf(plugin, { asked, told, pages, inline: inline !== null, names }),
    key: inline,
    differences: [
      ...(inline === null
        ? []
        : ['[pagerduty] api_key stood in the file: it is in a file of its own now, `pagerduty-key`']),
      'the rule is in shadow: it decides and records, and touches nothing; take `mode: shadow` out when the plugin is stopped',
      'whoever is on call at level 1 by a schedule, from the tenth minute of the shift on: the plugin took any level, and permanent rows (`max_level`, `permanent`, `min_shift_age`)',
      'local users are recognised by a `map` alone (`require_sso: true`): the plugin believed any user name that is an address',
      'titles and incident keys of pages are other ones (`oncall-approver/…` for `teleport-access-request/…`): look through rules of PagerDuty event orchestration that go by them',
      ...named
        .filter((name) => !asked.includes(name))
        .map(
          (name) =>
            `roles may request \`${name}\`, a pattern of everything or a regular expression: name in \`rules[0].roles\` what is meant`,
        ),
      ...notifyOnly.map(
        ({ name, roles: may }) =>
          `role ${name} has \`${names.notify}\` alone: the plugin only paged for its requests, and here ${may.some((each) => told.includes(each)) ? 'rule `notify-only` does' : 'no rule covers them'}`,
      ),
      ...(pages
        ? []
        : [
            `no role has \`${names.notify}\`: whom the rule does not approve is left to Teleport's reviewers (\`otherwise: leave\`)`,
          ]),
      ...unknownIn(plugin),
    ],
  };
}

type Plugin = z.infer<typeof PluginFile>;

function pluginIn(text: string): Plugin {
  let raw: unknown;
  try {
    raw = parseToml(text);
  } catch (error) {
    throw new ConfigError(`the plugin's file is no TOML: ${messageOf(error).split('\n')[0] ?? ''}`);
  }
  const { data, error } = PluginFile.safeParse(raw);
  if (data === undefined) {
    const places = error.issues.map(({ path }) => `\`${path.join('.')}\``).join(', ');
    throw new ConfigError(`the plugin's file lacks ${places}: is it the file of teleport-pagerduty?`);
  }
  return data;
}

/** By which annotations roles name services: the plugin's own, unless its file has others. */
function annotationNamesIn({ pagerduty }: Plugin): AnnotationNames {
  const [, section = {}] = Object.entries(pagerduty).find(([key]) => isAnnotationsSection(key)) ?? [];
  const { data } = AnnotationNames.safeParse(section);
  const own = { services: data?.services ?? '', notify: data?.notify_service ?? '' };
  return {
    services: own.services === '' ? 'pagerduty_services' : own.services,
    notify: own.notify === '' ? 'pagerduty_notify_service' : own.notify,
  };
}

interface AnnotationNames {
  readonly services: string;
  readonly notify: string;
}

function isAnnotationsSection(key: string): boolean {
  return key.toLowerCase() === ANNOTATIONS_SECTION;
}

function rolesIn(text: string) {
  return parseAllDocuments(text).flatMap((document) => {
    const { data } = Role.safeParse(document.toJS());
    const request = data?.spec.allow?.request;
    return data === undefined || request === undefined ? [] : [{ name: data.metadata.name, ...request }];
  });
}

function isName(role: string): boolean {
  return !/^(?:\*+|\^.*\$)$/u.test(role);
}

/** Every line of the file that nothing here stands for. */
function unknownIn(plugin: Plugin): readonly string[] {
  return Object.entries(plugin).flatMap(([section, keys]) =>
    Object.keys(typeof keys === 'object' && keys !== null ? keys : {})
      .filter(
        (key) =>
          KNOWN[section]?.includes(key) !== true && !(section === 'pagerduty' && isAnnotationsSection(key)),
      )
      .map((key) => `[${section}] ${key} has nothing here that stands for it: it was left out`),
  );
}

const quoted = (text: string): string => JSON.stringify(text);

function settingsOf(
  { teleport, pagerduty, log }: Plugin,
  {
    asked,
    told,
    pages,
    inline,
    names,
  }: {
    asked: readonly string[];
    told: readonly string[];
    pages: boolean;
    inline: boolean;
    names: AnnotationNames;
  },
): string {
  const credentials = (['identity', 'client_crt', 'client_key', 'root_cas'] as const).flatMap((key) =>
    teleport[key] === undefined ? [] : [`  ${key}: ${quoted(teleport[key])}`],
  );
  const level = log?.severity?.toLowerCase() ?? 'info';
  const otherwise = pages
    ? [
        '    otherwise: escalate',
        `    escalate: { from_annotation: ${quoted(names.notify)}, urgency: as_service }`,
      ]
    : ['    otherwise: leave'];
  return `${[
    '# Made of the settings of teleport-pagerduty; what is other than it was, `migrate` said.',
    'teleport:',
    `  addr: ${quoted(teleport.addr)}`,
    ...credentials,
    'pagerduty:',
    `  api_key_file: ${quoted(inline ? 'pagerduty-key' : pagerduty.api_key)}`,
    `  from: ${quoted(pagerduty.user_email)}`,
    'identities:',
    '  - username_is_email: true',
    'rules:',
    '  - name: drop-in',
    `    roles: [${asked.map(quoted).join(', ')}]`,
    `    on_call: { from_annotation: ${quoted(names.services)} }`,
    ...otherwise,
    '    mode: shadow',
    ...(told.length === 0
      ? []
      : [
          '  - name: notify-only',
          `    roles: [${told.map(quoted).join(', ')}]`,
          `    notify: { from_annotation: ${quoted(names.notify)}, urgency: as_service }`,
          '    mode: shadow',
        ]),
    `log: { output: ${quoted(log?.output ?? 'stderr')}, level: ${['debug', 'info', 'warn', 'error'].includes(level) ? level : 'info'} }`,
  ].join('\n')}\n`;
}
