import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import type { Arena } from '../arena.ts';
import type { Fault } from './fault.ts';
import { since } from '../truth-changes.ts';

/** Identities, authorities and keys that are replaced while requests are being handled. */
export function credentialFaults(): readonly Fault[] {
  let keys = 0;
  const nextKey = () => `chaos-key-${(keys += 1)}`;
  return [
    {
      name: 'identity is renewed',
      needsAProcess: true,
      strike: async ({ arena }) => {
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
      strike: async ({ arena }) => {
        const hits = since(() => arena.journal.count('unusable'));
        await replaceFile(join(arena.stage.folder, 'identity'), 'not an identity\n');
        arena.stage.teleport.auth.cutConnections();
        return { mend: () => writeIdentity(arena), hits };
      },
    },
    {
      name: 'the host CA is rotated',
      strike: async ({ arena }) => {
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
      name: "PagerDuty's API key is replaced by another",
      strike: async ({ arena }) => {
        const [old, hits] = [arena.apiKey, pagerDutyCalls(arena)];
        await addKey(arena, nextKey());
        return { mend: () => removeKey(arena, old), hits };
      },
    },
    {
      name: "PagerDuty's API key is revoked before there is another",
      strike: ({ arena }) => {
        const hits = pagerDutyCalls(arena);
        removeKey(arena, arena.apiKey);
        return { mend: () => addKey(arena, nextKey()), hits };
      },
    },
  ];
}

function pagerDutyCalls({ stage: { pagerDuty } }: Arena): () => number {
  return since(() => pagerDuty.calls.all().length);
}

async function addKey(arena: Arena, id: string): Promise<void> {
  const { stage } = arena;
  stage.pagerDuty.account.addKey({
    id,
    kind: 'account-full',
    region: stage.pagerDuty.account.region,
    scopes: [],
    userId: null,
    hiddenIds: [],
    expiresAt: null,
  });
  arena.apiKey = id;
  await replaceFile(join(stage.folder, 'pagerduty-key'), id);
}

function removeKey({ stage: { pagerDuty } }: Arena, id: string): void {
  const key = pagerDuty.account.keys.get(id);
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
