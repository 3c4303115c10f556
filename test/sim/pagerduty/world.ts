import { z } from 'zod';
import { Account } from './account.ts';
import {
  aKey,
  aLayer,
  aPolicy,
  aRule,
  aSchedule,
  aService,
  aServiceField,
  aShiftSchedule,
  aSubscription,
  aUser,
} from './builders.ts';
import type { SimulatedClock } from './clock.ts';
import { HOUR_MS } from './durations.ts';
import type { EscalationTarget } from './model.ts';

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const id = z
  .string()
  .regex(/^P[A-Z0-9]{6,13}$/)
  .optional();

const layerSchema = z.strictObject({
  users: z.array(z.email()).min(1),
  start: instant.optional(),
  end: instant.optional(),
  turn_hours: z.number().positive().default(168),
});

const shiftSchema = z.strictObject({
  users: z.array(z.email()).min(1),
  start: instant,
  end: instant.optional(),
});

/** The file format of a simulated account. Users are named by e-mail, everything else by name. */
export const worldSchema = z.strictObject({
  region: z.enum(['us', 'eu']).default('us'),
  subdomain: z.string().default('acme'),
  time_zone: z.string().default('Etc/UTC'),
  abilities: z.array(z.string()).optional(),
  users: z.array(
    z.strictObject({
      id,
      name: z.string(),
      email: z.email(),
      role: z
        .enum([
          'admin',
          'limited_user',
          'observer',
          'owner',
          'read_only_user',
          'read_only_limited_user',
          'restricted_access',
          'user',
        ])
        .default('limited_user'),
    }),
  ),
  schedules: z
    .array(
      z.strictObject({
        id,
        name: z.string(),
        time_zone: z.string().default('Etc/UTC'),
        /** Either rotations, later ones covering earlier ones ... */
        layers: z.array(layerSchema).optional(),
        /** ... or single shifts with any number of users: the newer ("v3") kind. */
        shifts: z.array(shiftSchema).optional(),
      }),
    )
    .default([]),
  teams: z.array(z.strictObject({ id, name: z.string() })).default([]),
  /** Custom fields that services have; single texts. */
  service_fields: z.array(z.string()).default([]),
  escalation_policies: z.array(
    z.strictObject({
      id,
      name: z.string(),
      team: z.string().optional(),
      num_loops: z.int().min(0).default(0),
      levels: z
        .array(
          z.strictObject({
            delay_minutes: z.int().min(1).default(30),
            targets: z
              .array(z.union([z.strictObject({ user: z.email() }), z.strictObject({ schedule: z.string() })]))
              .min(1)
              .max(10),
          }),
        )
        .min(1),
    }),
  ),
  services: z.array(
    z.strictObject({
      id,
      name: z.string(),
      escalation_policy: z.string(),
      custom_fields: z.record(z.string(), z.string()).optional(),
    }),
  ),
  keys: z.array(
    z.strictObject({
      key: z.string().min(20),
      kind: z.enum(['account-read-only', 'account-full', 'user', 'app']),
      scopes: z.array(z.string()).default([]),
      user: z.email().optional(),
      region: z.enum(['us', 'eu']).optional(),
    }),
  ),
  oauth_clients: z
    .array(z.strictObject({ client_id: z.string(), client_secret: z.string(), scopes: z.array(z.string()) }))
    .default([]),
  webhooks: z
    .array(
      z.strictObject({
        url: z.url(),
        secrets: z.array(z.string().min(1)).min(1),
        events: z.array(z.string()).optional(),
        service: z.string().optional(),
      }),
    )
    .default([]),
});

export type World = z.input<typeof worldSchema>;

/**
 * Builds the account a world describes.
 * @throws z.ZodError for an unknown key or a wrong value, RangeError for a name that nothing in the world has
 */
export function buildAccount(description: World, clock: SimulatedClock): Account {
  const world = worldSchema.parse(description);
  const account = new Account({
    clock,
    region: world.region,
    subdomain: world.subdomain,
    timeZone: world.time_zone,
    ...(world.abilities === undefined ? {} : { abilities: world.abilities }),
  });

  for (const user of world.users) account.addUser(aUser(withoutUndefined(user)));
  for (const { layers, shifts, time_zone: timeZone, ...rest } of world.schedules) {
    const named = { ...withoutUndefined(rest), timeZone };
    if (shifts === undefined) {
      account.addSchedule(
        aSchedule({ ...named, layers: (layers ?? []).map((layer) => buildLayer(account, layer)) }),
      );
    } else {
      account.addSchedule(
        aShiftSchedule({ ...named, shifts: shifts.map((shift) => buildShift(account, shift)) }),
      );
    }
  }
  for (const { id: given, name } of world.teams)
    account.teams.put({ id: given ?? account.ids.short(), name });
  for (const name of world.service_fields)
    account.serviceFields.put(aServiceField(account.ids.short(), name));
  for (const { levels, num_loops: numLoops, team, ...rest } of world.escalation_policies) {
    const rules = levels.map((level) =>
      aRule(
        level.targets.map((target) => buildTarget(account, target)),
        { escalationDelayInMinutes: level.delay_minutes },
      ),
    );
    const teamId = team === undefined ? {} : { teamId: named(account.teams.all(), team).id };
    account.addEscalationPolicy(aPolicy({ ...withoutUndefined(rest), ...teamId, numLoops, rules }));
  }
  for (const { escalation_policy: policy, custom_fields: customFields, ...rest } of world.services) {
    const escalationPolicyId = named(account.escalationPolicies.all(), policy).id;
    const fields = customFields === undefined ? {} : { customFields };
    account.addService(aService({ ...withoutUndefined(rest), ...fields, escalationPolicyId }));
  }
  for (const { key, user, region, ...rest } of world.keys) {
    const userId = user === undefined ? null : userIdOf(account, user);
    account.addKey(aKey({ ...rest, id: key, userId, region: region ?? world.region }));
  }
  for (const { client_id: clientId, client_secret: secret, scopes } of world.oauth_clients) {
    account.oauthClients.put({ id: clientId, secret, scopes });
  }
  for (const { url, secrets, events, service } of world.webhooks) {
    const serviceId = service === undefined ? null : named(account.services.all(), service).id;
    account.addWebhookSubscription(
      aSubscription({
        url,
        secrets,
        ...(events === undefined ? {} : { events }),
        ...(serviceId === null ? {} : { filter: { type: 'service_reference', id: serviceId } }),
      }),
    );
  }
  return account;
}

function buildLayer(account: Account, layer: z.output<typeof layerSchema>) {
  return aLayer({
    userIds: layer.users.map((email) => userIdOf(account, email)),
    end: layer.end ?? null,
    rotationTurnLengthSeconds: (layer.turn_hours * HOUR_MS) / 1000,
    ...(layer.start === undefined ? {} : { start: layer.start }),
  });
}

function buildShift(account: Account, shift: z.output<typeof shiftSchema>) {
  const userIds = shift.users.map((email) => userIdOf(account, email));
  return { userIds, start: shift.start, end: shift.end ?? null };
}

function buildTarget(
  account: Account,
  target: { readonly user: string } | { readonly schedule: string },
): EscalationTarget {
  if ('user' in target) return { kind: 'user', id: userIdOf(account, target.user) };
  return { kind: 'schedule', id: named(account.schedules.all(), target.schedule).id };
}

function userIdOf(account: Account, email: string): string {
  const user = account.userByEmail(email);
  if (user === undefined) throw new RangeError(`no user with e-mail \`${email}\``);
  return user.id;
}

function named<T extends { readonly name: string }>(items: readonly T[], name: string): T {
  const item = items.find((one) => one.name === name);
  if (item === undefined) throw new RangeError(`nothing is named \`${name}\``);
  return item;
}

/** An optional key that is absent, rather than present and undefined. */
function withoutUndefined<T extends { readonly id?: string | undefined }>(
  fields: T,
): Omit<T, 'id'> & { readonly id?: string } {
  const { id: given, ...rest } = fields;
  return given === undefined ? rest : { ...rest, id: given };
}
