import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BOT_USER } from '../../../sim/teleport/reference-world.ts';
import type { Arena } from '../arena.ts';
import { KEY_FILES, type Keys } from '../keys.ts';
import type { Fault } from './fault.ts';
import { since } from '../truth-changes.ts';

/** For so long after its end an identity may have been forgotten that the rotation has made worthless. */
const LATE_MS = 1_500;

/** Identities, authorities and keys that are replaced while requests are being handled. */
export function credentialFaults(arena: Arena): readonly Fault[] {
  let keys = 0;
  const nextKey = () => `chaos-key-${(keys += 1)}`;
  return [
    {
      name: 'identity is renewed',
      needsAProcess: true,
      strike: async () => {
        const hits = since(() => arena.journal.count('renewed'));
        await writeIdentity(arena);
        // It is read anew at the next handshake.
        arena.stage.teleport.auth.cutConnections();
        return { hits };
      },
    },
    {
      name: 'identity on disk is broken for a while',
      needsAProcess: true,
      mayEndAStart: true,
      darkens: true,
      strike: async () => {
        const hits = since(() => arena.journal.count('unusable'));
        await replaceFile(join(arena.stage.folder, 'identity'), 'not an identity\n');
        arena.stage.teleport.auth.cutConnections();
        return { mend: () => writeIdentity(arena), hits };
      },
    },
    {
      name: 'the host CA is rotated',
      strike: async () => {
        const { teleport } = arena.stage;
        if (arena.isRotating) return { hits: () => 0 };
        arena.isRotating = true;
        teleport.authorities.rotateHost();
        await writeIdentity(arena);
        const hits = since(() => teleport.calls.all.length);
        return {
          mend: async () => {
            await teleport.restart();
            arena.isRotating = false;
            await writeIdentity(arena);
          },
          hits,
        };
      },
    },
    {
      name: 'the user CA is rotated',
      strike: async ({ dice }) => {
        const { teleport } = arena.stage;
        const hits = since(() => teleport.calls.all.length);
        if (teleport.authorities.isRotatingUser) return { hits: () => 0 };
        teleport.authorities.rotateUser();
        // Either is good until the end: tbot may be quick or slow.
        if (dice.chance(0.5)) await writeIdentity(arena);
        return {
          mend: async () => {
            await writeIdentity(arena);
            teleport.authorities.endUserRotation();
            await teleport.restart();
          },
          hits,
        };
      },
    },
    {
      name: 'the user CA is rotated, and the identity is renewed too late',
      needsAProcess: true,
      strike: async ({ dice }) => {
        const { teleport } = arena.stage;
        if (teleport.authorities.isRotatingUser) return { hits: () => 0 };
        // They are cut off, and come back with an identity that is refused.
        const watchers = teleport.cluster.watches.watchers.length;
        teleport.authorities.rotateUser();
        teleport.authorities.endUserRotation();
        await teleport.restart();
        await delay(dice.between(0, LATE_MS));
        await writeIdentity(arena);
        return { hits: () => watchers };
      },
    },
    ...(Object.keys(KEY_FILES) as (keyof Keys)[])
      .filter((use) => arena.keys[use] !== null)
      .flatMap((use): Fault[] => {
        const named = `PagerDuty's key for ${arena.keys.writing === null ? 'everything' : use}`;
        return [
          {
            name: `${named} is replaced by another`,
            strike: async () => {
              const [old, hits] = [arena.keys[use], pagerDutyCalls(arena)];
              await addKey(arena, use, nextKey());
              return { mend: () => removeKey(arena, old), hits };
            },
          },
          {
            name: `${named} is revoked before there is another`,
            darkens: true,
            strike: () => {
              const hits = pagerDutyCalls(arena);
              removeKey(arena, arena.keys[use]);
              return { mend: () => addKey(arena, use, nextKey()), hits };
            },
          },
        ];
      }),
  ];
}

function pagerDutyCalls({ stage: { pagerDuty } }: Arena): () => number {
  return since(() => pagerDuty.calls.all().length);
}

async function addKey({ stage, keys }: Arena, use: keyof Keys, id: string): Promise<void> {
  const { account } = stage.pagerDuty;
  const readsOnly = use === 'reading' && keys.writing !== null;
  account.addKey({
    id,
    kind: readsOnly ? 'account-read-only' : 'account-full',
    region: account.region,
    scopes: [],
    userId: null,
    hiddenIds: [],
    expiresAt: null,
  });
  keys[use] = id;
  await replaceFile(join(stage.folder, KEY_FILES[use]), id);
}

function removeKey({ stage: { pagerDuty } }: Arena, id: string | null): void {
  const key = pagerDuty.account.keys.get(id ?? '');
  if (key !== undefined) pagerDuty.account.keys.put({ ...key, expiresAt: new Date(0) });
}

function writeIdentity({ stage: { folder, teleport }, isRotating }: Arena): Promise<void> {
  const text = teleport.identityFileFor(BOT_USER, { duringRotation: isRotating });
  return replaceFile(join(folder, 'identity'), text);
}

/** As tbot writes: never half a file. */
async function replaceFile(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
