import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresClaims } from '../../src/ledger/postgres/claims.ts';
import { PostgresDatabase } from '../../src/ledger/postgres/database.ts';
import { PostgresLedger } from '../../src/ledger/postgres/ledger.ts';
import { ClaimLostError } from '../../src/ports/claims.ts';
import { NOW } from '../support/builders.ts';
import { aFailure, allEntries } from '../ledger/some-events.ts';
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
  readonly ledger: PostgresLedger;
}

/** Two replicas on one new database. */
async function twoReplicas(on: PostgresServer = server): Promise<Replicas> {
  const url = await on.database();
  const databases = [
    await PostgresDatabase.open({ url: () => url }),
    await PostgresDatabase.open({ url: () => url }),
  ];
  const [one, other] = databases.map((database) => new PostgresClaims(database));
  const ledger = new PostgresLedger(await PostgresDatabase.open({ url: () => url }));
  if (one === undefined || other === undefined) throw new Error('no replicas');
  return {
    url,
    one,
    other,
    ledger,
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([one.close(), other.close()]);
      await Promise.all([ledger.close(), ...databases.map((database) => database.close())]);
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
    expect(() => claim?.ensureHeld()).toThrow(ClaimLostError);
    expect(performance.now() - taken).toBeLessThan(7_000);
    await own.start();
  });

  it('is not taken away from its replica by a late answer about the lease before', async () => {
    await using replicas = await twoReplicas();
    const first = await replicas.one.take('request-1');
    await letLeasesEnd(replicas.url);
    await expect.poll(() => first?.lost.aborted, { timeout: 5_000 }).toBe(true);
    const until = 'SELECT max(until) AS until FROM replica';

    const second = await replicas.one.take('request-1');
    const [before] = await server.sql(replicas.url, until);

    expect(() => first?.ensureHeld()).toThrow(ClaimLostError);
    await expect
      .poll(async () => (await server.sql(replicas.url, until))[0]?.['until'], { timeout: 5_000 })
      .not.toEqual(before?.['until']);
    expect(() => second?.ensureHeld()).not.toThrow();
  });
});

describe('the ledger of several replicas', () => {
  const event = aFailure('request-1');

  it('takes what a replica writes under its claim', async () => {
    await using replicas = await twoReplicas();
    const claim = await replicas.one.take('request-1');

    await replicas.ledger.append([event], NOW, claim?.fence);

    expect(await allEntries(replicas.ledger)).toHaveLength(1);
  });

  it.each([
    ['has run out', ({ url }: Replicas) => letLeasesEnd(url)],
    [
      'is another’s by now',
      async ({ url, other }: Replicas) => {
        await letLeasesEnd(url);
        await other.take('request-1');
      },
    ],
    ['was given back', async ({ one }: Replicas) => (await one.take('request-1'))?.release()],
  ])(
    'takes nothing under a claim that %s, and all else that is written at that moment',
    async (_how, end) => {
      await using replicas = await twoReplicas();
      const claim = await replicas.one.take('request-1');
      await end(replicas);
      const good = await replicas.other.take('request-2');

      const outcomes = await Promise.allSettled([
        replicas.ledger.append([aFailure('request-3')], NOW),
        replicas.ledger.append([event], NOW, claim?.fence),
        replicas.ledger.append([aFailure('request-2')], NOW, good?.fence),
      ]);

      expect(outcomes).toMatchObject([
        { status: 'fulfilled' },
        { status: 'rejected', reason: expect.any(ClaimLostError) as unknown },
        { status: 'fulfilled' },
      ]);
      expect(await replicas.ledger.entriesOf('request-1')).toEqual([]);
      expect(await allEntries(replicas.ledger)).toHaveLength(2);
    },
  );

  it('lets nobody take a claim over between the look at it and the commit', async () => {
    await using replicas = await twoReplicas();
    const claim = await replicas.one.take('request-1');
    const owner = claim?.fence?.owner ?? '';
    let isCommitted = false;
    const committed = server
      .sql(
        replicas.url,
        `BEGIN; SELECT FROM claim WHERE owner = '${owner}' FOR SHARE; SELECT pg_sleep(1); COMMIT`,
      )
      .then(() => (isCommitted = true));
    const asleep = "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    await expect.poll(() => server.sql(replicas.url, asleep)).toHaveLength(1);
    await letLeasesEnd(replicas.url);

    expect(await replicas.other.take('request-1')).not.toBeNull();

    // The answer to the commit is under way when the claim is had, at the latest.
    await expect.poll(() => isCommitted, { timeout: 100, interval: 5 }).toBe(true);
    await committed;
  });
});
