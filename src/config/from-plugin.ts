import { parse as parseToml, TomlError } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../core/values/cause.ts';
import { ConfigError } from './config-error.ts';
import { isTeleportRegex } from './first-settings.ts';
import { mustBeSound } from './load.ts';

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

const Names = z
  .array(z.string())
  .nullish()
  .transform((names) => names ?? []);
const AnyRole = z.looseObject({
  kind: z.literal('role'),
  metadata: z.looseObject({ name: z.string().catch('without a name') }).optional(),
});
const Role = z.looseObject({
  kind: z.literal('role'),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    allow: z
      .looseObject({
        request: z
          .looseObject({
            roles: Names,
            // Of requests for resources: such a request is one for these roles.
            search_as_roles: Names,
            annotations: z
              .record(z.string(), z.array(z.string()))
              .nullish()
              .transform((annotations) => annotations ?? {}),
          })
          .nullish(),
      })
      .nullish(),
  }),
});

/** The section has no name of its own in the plugin, whose parser takes that of the field in any case: `[pagerduty.RequestAnnotations]`. */
const ANNOTATIONS_SECTION = 'requestannotations';
const AnnotationNames = z.looseObject({
  services: z.string().default(''),
  notify_service: z.string().default(''),
});
const CREDENTIALS = ['identity', 'client_crt', 'client_key', 'root_cas'] as const;
/** Teleport's words for how much is logged (lib/utils/log), and ours. */
const LEVELS: Readonly<Record<string, string>> = {
  '': 'info',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  err: 'error',
  error: 'error',
  debug: 'debug',
  trace: 'debug',
};
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  teleport: ['addr', ...CREDENTIALS, 'refresh_identity', 'refresh_identity_interval'],
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
  const settings = settingsOf(plugin, { asked, told, pages, inline: inline !== null, names });
  mustBeSound(settings, "what the plugin's file and the roles say");
  return {
    settings,
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
            `roles may request \`${name}\`, which is everything, a template or a regular expression: name in \`rules[0].roles\` what is meant`,
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
      ...(levelOf(plugin.log?.severity) === undefined
        ? [`[log] severity \`${plugin.log?.severity ?? ''}\` is none of the plugin's: it is \`info\` here`]
        : []),
      ...relativeIn(plugin),
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
    const line = error instanceof TomlError ? `line ${error.line}: ` : '';
    throw new ConfigError(`the plugin's file is no TOML: ${line}${messageOf(error).split('\n')[0] ?? ''}`);
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

/** Roles that may ask, from YAML or JSON. What cannot be understood is refused: left out, its requests would be nobody's. */
function rolesIn(text: string) {
  const documents = [parseAllDocuments(text)].flat();
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error !== undefined)
    throw new ConfigError(`the file of roles is no YAML: ${error.message.split('\n')[0] ?? ''}`);
  return documents
    .flatMap((document) => document.toJS() as unknown)
    .filter((resource) => AnyRole.safeParse(resource).success)
    .flatMap((resource) => {
      const { data, error: why } = Role.safeParse(resource);
      if (data === undefined) {
        const places = why.issues.map(({ path }) => `\`${path.join('.')}\``).join(', ');
        const name = AnyRole.parse(resource).metadata?.name ?? 'without a name';
        throw new ConfigError(
          `the file of roles: role ${name} has something else than texts in ${places}: put them in quotes, in a list`,
        );
      }
      const { name } = data.metadata;
      const request = data.spec.allow?.request;
      if (request === undefined || request === null) return [];
      const { roles, search_as_roles: searched, annotations } = request;
      return [{ name, roles: [...roles, ...searched], annotations }];
    });
}

/** Whether a rule may name it: Teleport also takes everything, templates and regular expressions. */
function isName(role: string): boolean {
  return !/^\s*\**\s*$|\{\{/u.test(role) && !isTeleportRegex(role);
}

/** Files that were looked for where the plugin was started, and are looked for beside the settings now. */
function relativeIn({ teleport, log }: Plugin): readonly string[] {
  const files = {
    ...Object.fromEntries(CREDENTIALS.map((key) => [`[teleport] ${key}`, teleport[key]])),
    '[log] output': ['stderr', 'stdout'].includes(log?.output ?? 'stderr') ? undefined : log?.output,
  };
  return Object.entries(files)
    .filter(([, file]) => file !== undefined && !file.startsWith('/'))
    .map(
      ([key, file]) =>
        `${key} \`${file ?? ''}\` was looked for in the folder that the plugin was started in, and is looked for beside the settings now: write the whole path`,
    );
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

function levelOf(severity = ''): string | undefined {
  return LEVELS[severity.toLowerCase()];
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
  const credentials = CREDENTIALS.flatMap((key) =>
    teleport[key] === undefined ? [] : [`  ${key}: ${quoted(teleport[key])}`],
  );
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
    `log: { output: ${quoted(log?.output ?? 'stderr')}, level: ${levelOf(log?.severity) ?? 'info'} }`,
  ].join('\n')}\n`;
}
