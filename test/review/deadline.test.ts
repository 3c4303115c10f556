import { describe, expect, it } from 'vitest';
import { PagerDutyError } from '../../src/ports/pagerduty.ts';
import { TeleportError, type TeleportErrorKind } from '../../src/ports/teleport.ts';
import { causeOf, causeOfMissingFact } from '../../src/review/cause-of.ts';
import { within } from '../../src/review/deadline.ts';
import { NOW } from '../support/builders.ts';
import { ManualTime } from '../support/manual-time.ts';

const signal = new AbortController().signal;

/** Goes on until it is told to stop; gives why it was. */
function endless(each: AbortSignal): Promise<unknown> {
  return new Promise((done) => each.addEventListener('abort', () => done(each.reason)));
}

describe('work that may take so long', () => {
  it('is told to stop then, and not before', async () => {
    using time = new ManualTime(new Date(NOW));
    let why: unknown = null;
    void within(5_000, signal, endless).then((reason) => (why = reason));
    await time.advance(4_999);
    expect(why).toBeNull();
    await time.advance(1);

    expect(why).toMatchObject({ name: 'TimeoutError', message: 'The operation was aborted due to timeout' });
  });

  it('is told to stop with all else', async () => {
    const stop = new AbortController();
    const waiting = within(5_000, stop.signal, endless);
    stop.abort('the service stops');

    expect(await waiting).toBe('the service stops');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['done', () => Promise.resolve('done')],
    ['failed', () => Promise.reject(new Error('failed'))],
  ])('leaves nothing behind once it has %s: its time does not come any more', async (what, work) => {
    using time = new ManualTime(new Date(NOW));
    let given: AbortSignal | null = null;
    const result = within(5_000, signal, (each) => {
      given = each;
      return work();
    });
    await (what === 'done' ? expect(result).resolves.toBe(what) : expect(result).rejects.toThrow(what));
    await time.advance(5_000);

    expect(given).toMatchObject({ aborted: false });
  });
});

describe('the cause of what failed', () => {
  it.each<[TeleportErrorKind, string]>([
    ['identity', 'unauthorised'],
    ['unavailable', 'unavailable'],
    ['timeout', 'timeout'],
    ['denied', 'forbidden'],
    ['not-found', 'not-found'],
    ['already-exists', 'refused'],
    ['invalid', 'refused'],
    ['conflict', 'unavailable'],
    ['limited', 'rate-limited'],
    ['unsupported', 'refused'],
    ['malformed', 'malformed'],
    ['unknown', 'unavailable'],
  ])('is Teleport’s %s as %s', (kind, code) => {
    const error = new TeleportError(kind, 'why', { transient: false });

    expect(causeOf(error)).toEqual({ code, message: 'why', transient: false });
  });

  it('is PagerDuty’s as it says', () => {
    const error = new PagerDutyError('rate-limited', 'why', { transient: true });

    expect(causeOf(error)).toEqual({ code: 'rate-limited', message: 'why', transient: true });
  });

  it('is none for a fault of ours', () => {
    expect(() => causeOf(new RangeError('a fault'))).toThrow('a fault');
  });

  it.each([
    ['unauthorised', true],
    ['forbidden', true],
    ['malformed', true],
    ['not-found', false],
    ['ambiguous', false],
  ] as const)('of a fact that is missing is mended before long: %s, %s', (kind, transient) => {
    const [now, later] = [false, true].map((each) =>
      causeOfMissingFact(new PagerDutyError(kind, '', { transient: each })),
    );

    expect([now, later]).toMatchObject([{ transient }, { transient: true }]);
  });
});
