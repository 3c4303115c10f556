import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresClaims } from '../../src/ledger/postgres-claims.ts';
import { PostgresDatabase } from '../../src/ledger/postgres-database.ts';
import { PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface Replicas extends AsyncDisposable {
  readonly url: string;
  readonly one: PostgresClaims;
  readonly other: PostgresClaims;
}

/** Two replicas on one new database. */
async function twoReplicas(on: PostgresServer = server): Promise<Replicas> {
  const url = await on.database();
  const databases = [
    await PostgresDatabase.open({ url: () => url }),
    await PostgresDatabase.open({ url: () => url }),
  ];
  const [one, other] = databases.map((database) => new PostgresClaims(database));
  if (one === undefined || other === undefined) throw new Error('no replicas');
  return {
    url,
    one,
    other,
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([one.close(), other.close()]);
      await Promise.all(databases.map((database) => database.close()));
    },
  };
}

/** As if the replica had gone without a word so long ago that its claims have run out. */
function letLeasesEnd(url: string): Promise<unknown> {
  return server.sql(url, 'UPDATE replica SET until = clock_timestamp()');
}

describe('a claim', () => {
  it('is had by one replica at a time, and by that one as often as it likes', async () => {
    await using replicas = await twoReplicas();

    const claim = await replicas.one.take('request-1');

    expect(claim).not.toBeNull();
    expect(await replicas.other.take('request-1')).toBeNull();
    expect(await replicas.one.take('request-1')).not.toBeNull();
    expect(await replicas.other.take('request-2')).not.toBeNull();
    await claim?.release();
    expect(await replicas.other.take('request-1')).not.toBeNull();
    expect(await replicas.one.take('request-1')).toBeNull();
  });

  it('goes to exactly one of those who ask at the same moment', async () => {
    await using replicas = await twoReplicas();

    const asked = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? replicas.one : replicas.other).take(`request-${Math.floor(index / 2)}`),
    );
    const claims = await Promise.all(asked);

    for (let request = 0; request < 20; request += 1) {
      expect(claims.slice(request * 2, request * 2 + 2).filter((claim) => claim !== null)).toHaveLength(1);
    }
  });

  it('is renewed for as long as its replica lives', async () => {
    await using replicas = await twoReplicas();
    const until = 'SELECT until FROM replica';
    const claim = await replicas.one.take('request-1');
    const [before] = await server.sql(replicas.url, until);

    await expect
      .poll(async () => (await server.sql(replicas.url, until))[0]?.['until'], { timeout: 5_000 })
      .not.toEqual(before?.['until']);

    expect(claim?.lost.aborted).toBe(false);
    expect(await replicas.one.abandoned()).toEqual([]);
  });

  it('of a replica that is gone is found as abandoned, and goes to whoever asks next', async () => {
    await using replicas = await twoReplicas();
    const claim = await replicas.one.take('request-1');
    await letLeasesEnd(replicas.url);

    expect(await replicas.other.abandoned()).toEqual(['request-1']);
    expect(await replicas.other.take('request-1')).not.toBeNull();

    expect(await replicas.other.abandoned()).toEqual([]);
    await claim?.release();
    expect(await replicas.one.take('request-1')).toBeNull();
  });

  it('is lost with the next renewal when the lease had run out, and can be had again', async () => {
    await using replicas = await twoReplicas();
    const claim = await replicas.one.take('request-1');
    await letLeasesEnd(replicas.url);

    await expect.poll(() => claim?.lost.aborted, { timeout: 5_000 }).toBe(true);

    const again = await replicas.one.take('request-1');
    expect(again?.lost.aborted).toBe(false);
    expect(await replicas.other.take('request-1')).toBeNull();
  });

  it('is left to the others at once by a replica that stops in order', async () => {
    await using replicas = await twoReplicas();
    const claim = await replicas.one.take('request-1');

    await replicas.one.close();

    expect(claim?.lost.aborted).toBe(true);
    expect(await replicas.other.abandoned()).toEqual(['request-1']);
  });

  it('ends by itself before the others may have it, when the database is away', async () => {
    await using own = await PostgresServer.start();
    await using replicas = await twoReplicas(own);
    const claim = await replicas.one.take('request-1');
    const taken = performance.now();

    await own.stop();

    await expect.poll(() => claim?.lost.aborted, { timeout: 10_000 }).toBe(true);
    expect(performance.now() - taken).toBeLessThan(7_000);
    await own.start();
  });
});
