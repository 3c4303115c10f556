import { describe, expect, it } from 'vitest';
import { PagerDutyError, type Ask } from '../../src/ports/pagerduty.ts';
import { SharedReading, shareUsers } from '../../src/roster/shared-reading.ts';
import { aTeleportUser } from '../support/builders.ts';
import { anAsk, failureOf } from '../pagerduty/subjects.ts';

/** A reading whose answers come when they are told to. */
function subject(stop = new AbortController().signal) {
  const sent: { readonly ask: Ask; readonly answer: PromiseWithResolvers<string> }[] = [];
  const reading = new SharedReading<string>((ask) => {
    const answer = Promise.withResolvers<string>();
    sent.push({ ask, answer });
    return answer.promise;
  }, stop);
  return { reading, sent };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('what is read for many', () => {
  it('is read once for all who ask at a time, on the account of the first', async () => {
    const { reading, sent } = subject();
    const asks = [anAsk(), anAsk()];
    const answers = asks.map((ask) => reading.take(0, ask));
    await turn();
    sent[0]?.ask.onRead?.();
    sent[0]?.answer.resolve('one');

    expect(await Promise.all(answers)).toEqual(['one', 'one']);
    expect(sent).toHaveLength(1);
    expect(asks.map((ask) => ask.reads())).toEqual([1, 0]);
  });

  it('is given again for as long as the asker allows, and not beyond', async () => {
    const { reading, sent } = subject();
    const first = reading.take(0, anAsk());
    await turn();
    sent[0]?.answer.resolve('one');
    await first;

    expect(await reading.take(60_000, anAsk())).toBe('one');
    const anew = reading.take(0, anAsk());
    await turn();
    sent[1]?.answer.resolve('two');
    expect(await anew).toBe('two');
  });

  it('is never older than the question allows: what was sent before is not waited for', async () => {
    const { reading, sent } = subject();
    const first = reading.take(0, anAsk());
    await turn();
    const later = reading.take(0, anAsk());
    await turn();
    const third = [reading.take(0, anAsk()), reading.take(0, anAsk())];
    await turn();
    // Two are under way: the rest waits for the next one, together.
    expect(sent).toHaveLength(2);
    sent[0]?.answer.resolve('one');
    await first;
    sent[1]?.answer.resolve('two');
    sent[2]?.answer.resolve('three');

    expect(await later).toBe('two');
    expect(await Promise.all(third)).toEqual(['three', 'three']);
    expect(sent).toHaveLength(3);
  });

  it('is not waited for where a less urgent question has begun it', async () => {
    const { reading, sent } = subject();
    const background = reading.take(0, { ...anAsk(), priority: 'background' });
    await turn();
    const decision = reading.take(60_000, anAsk());
    await turn();
    sent[1]?.answer.resolve('at once');

    expect(await decision).toBe('at once');
    expect(sent.map(({ ask }) => ask.priority)).toEqual(['background', undefined]);
    sent[0]?.answer.resolve('later');
    await background;
    // The answer that was asked for last stays.
    expect(reading.last?.value).toBe('at once');
  });

  it('becomes as urgent as the most urgent question before it is sent', async () => {
    const { reading, sent } = subject();
    const asked = [reading.take(0, { ...anAsk(), priority: 'background' }), reading.take(0, anAsk())];
    await turn();
    sent[0]?.answer.resolve('one');
    await Promise.all(asked);

    expect(sent.map(({ ask }) => ask.priority)).toEqual([undefined]);
  });

  it('fails for all who wait, and is asked for anew by the next', async () => {
    const { reading, sent } = subject();
    const asked = [reading.take(0, anAsk()), reading.take(0, anAsk())].map(failureOf);
    await turn();
    sent[0]?.answer.reject(new PagerDutyError('unavailable', 'down', { transient: true }));

    expect((await Promise.all(asked)).map(({ kind }) => kind)).toEqual(['unavailable', 'unavailable']);
    const next = reading.take(60_000, anAsk());
    await turn();
    sent[1]?.answer.resolve('up');
    expect(await next).toBe('up');
  });

  it('goes on for the others when one of them has no time left', async () => {
    const { reading, sent } = subject();
    const given = new AbortController();
    const [impatient, patient] = [reading.take(0, anAsk(given.signal)), reading.take(0, anAsk())];
    await turn();
    given.abort();

    expect(await failureOf(impatient)).toMatchObject({ kind: 'timeout', transient: true, silence: false });
    sent[0]?.answer.resolve('one');
    expect(await patient).toBe('one');
    expect(await failureOf(reading.take(0, anAsk(given.signal)))).toMatchObject({ kind: 'timeout' });
  });
});

describe('users whose records are shared', () => {
  const read = async (freshMs: number) => {
    const reads = { user: 0, loginState: 0, search: 0 };
    const users = {
      user: (name: string) => Promise.resolve(aTeleportUser({ name: `${name} ${(reads.user += 1)}` })),
      loginState() {
        reads.loginState += 1;
        return Promise.resolve(null);
      },
      search: () => Promise.resolve(Array.from({ length: (reads.search += 1) }, () => aTeleportUser())),
    };
    const shared = shareUsers(users, { freshMs, stop: new AbortController().signal });
    const { signal } = new AbortController();
    const ask = async (name: string) => (await shared.user(name, signal)).name;
    const names = [...(await Promise.all([ask('sam'), ask('sam'), ask('taylor')])), await ask('sam')];
    for (let each = 0; each < 2; each += 1) await shared.loginState('sam', signal);
    await shared.search(() => true, signal);
    return { names, reads };
  };

  it('are read once for all that is decided in the same moment, each by itself, and for each decision without freshness', async () => {
    expect(await read(5_000)).toEqual({
      names: ['sam 1', 'sam 1', 'taylor 2', 'sam 1'],
      reads: { user: 2, loginState: 1, search: 1 },
    });
    expect(await read(0)).toEqual({
      names: ['sam 1', 'sam 1', 'taylor 2', 'sam 3'],
      reads: { user: 3, loginState: 2, search: 1 },
    });
  });

  it('keep nobody waiting whose time is over, who is told so', async () => {
    const { promise: never } = Promise.withResolvers<never>();
    const users = { user: () => never, loginState: () => never, search: () => never };
    const shared = shareUsers(users, { freshMs: 0, stop: new AbortController().signal });

    await expect(shared.user('sam', AbortSignal.abort())).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining('`sam`') as string,
    });
  });
});
