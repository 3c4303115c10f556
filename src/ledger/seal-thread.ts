import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { StoredEntry, Seals } from '../ports/ledger-history.ts';
import { openKeys } from './open-keys.ts';
import { createSealing, type Sealing } from './rows.ts';

/** A thread that works out MACs, while the one that asks does something else. */
export interface SealThread extends AsyncDisposable {
  /** What `faultIn` says of each entry whose hash is right. */
  faultsIn(entries: readonly StoredEntry[]): Promise<readonly (string | null)[]>;
}

interface Given {
  readonly key: string;
  readonly ledgerId: string;
}

/** The thread only says which seals hold: what is wrong with the others, and whether the key was renewed meanwhile, is looked at here. */
export function openSealThread(key: string, { ledgerId, faultIn }: Seals): SealThread {
  const given: Given = { key, ledgerId };
  const worker = new Worker(new URL(import.meta.url), { workerData: given });
  const waiting: ((holding: readonly boolean[]) => void)[] = [];
  let hasFailed = false;
  worker.on('message', (holding: readonly boolean[]) => waiting.shift()?.(holding));
  worker.on('error', () => {
    hasFailed = true;
    for (const resolve of waiting.splice(0)) resolve([]);
  });
  return {
    async faultsIn(entries) {
      const holding = hasFailed
        ? []
        : await new Promise<readonly boolean[]>((resolve) => {
            waiting.push(resolve);
            worker.postMessage(entries.flatMap(({ seq, hash, seal }) => [seq, hash, seal]));
          });
      return entries.map((entry, index) =>
        holding[index] === true ? null : faultIn(entry, { hashIsRight: true }),
      );
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}

function holdingIn(words: readonly unknown[], sealing: Sealing): readonly boolean[] {
  return Array.from({ length: words.length / 3 }, (_, index) => {
    const [seq, hash, seal] = words.slice(3 * index, 3 * index + 3) as [number, string, string | null];
    return sealing.holdsFor({ seq, hash, seal });
  });
}

function isGiven(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && 'ledgerId' in value;
}

const given: unknown = workerData;
if (!isMainThread && isGiven(given)) {
  const sealing = createSealing(openKeys({ reveal: () => given.key }), given.ledgerId);
  parentPort?.on('message', (words: readonly unknown[]) =>
    parentPort?.postMessage(holdingIn(words, sealing)),
  );
}
