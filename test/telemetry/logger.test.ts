import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/telemetry/logger.ts';
import { capturedLog } from './captured-log.ts';

const LOGGER = join(import.meta.dirname, '../../src/telemetry/logger.ts');

/** What a process whose log goes to `output` writes to its two streams. */
function written(output: string) {
  const script = `
    import { createLogger } from ${JSON.stringify(LOGGER)};
    createLogger({ level: 'info', output: ${JSON.stringify(output)} }).info({ rules: 1 }, 'started');
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module-typescript', '--eval', script],
    {
      encoding: 'utf8',
    },
  );
  return { stdout, stderr };
}

describe('a line of the log', () => {
  it('is JSON with the service, the level by name, the time in UTC, the fields and a message', () => {
    const { log, lines } = capturedLog();

    log.warn({ request_id: 'request-1', attempt: 2 }, 'effect failed, it is tried again');

    expect(lines).toEqual([
      {
        service: 'oncall-approver',
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u) as string,
        request_id: 'request-1',
        attempt: 2,
        msg: 'effect failed, it is tried again',
      },
    ]);
  });

  it('names the trace of its request where traces are told: the id itself, or a digest of one that is no UUID', () => {
    const { log, lines } = capturedLog('debug', { traced: true });

    log.info({ request_id: '0195f3e4-7c1b-7b3a-9d52-4c1f5a6b7c8d' }, 'seen');
    log.info({ request_id: 'request-1' }, 'seen');
    log.info({ request_id: '00000000-0000-0000-0000-000000000000' }, 'seen');
    log.info('no request');

    const traces = lines.map(({ trace_id: id }) => id as string | undefined);
    expect(traces).toEqual([
      '0195f3e47c1b7b3a9d524c1f5a6b7c8d',
      expect.stringMatching(/^[0-9a-f]{32}$/u),
      expect.stringMatching(/[1-9a-f]/u),
      undefined,
    ]);
  });

  it('is left out below the level that is asked for', () => {
    const { log, lines } = capturedLog('warn');

    log.debug('no');
    log.info('no');
    log.warn('yes');
    log.error('yes');

    expect(lines.map(({ level }) => level)).toEqual(['warn', 'error']);
  });

  it('stays one line, whatever the text in it', () => {
    const { log, lines } = capturedLog();

    log.info({ reason: 'first\n{"level":"error"}\u2028second' }, 'line\nbreak');

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'info', reason: 'first\n{"level":"error"}\u2028second' });
  });

  it.each([
    'token',
    'key',
    'secret',
    'authorization',
    'password',
    'Authorization',
    'api_key',
    'clientSecret',
  ])('has no %s in it, however deep', (name) => {
    const { log, lines } = capturedLog();
    const deep = Array.from({ length: 9 }).reduce<object>(
      (inner, _, depth) => ({ [`level_${depth}`]: inner }),
      {
        [name]: 'hush',
      },
    );

    log.info(
      { [name]: 'hush', headers: { [name]: ['hush'] }, list: [{ [name]: { of: 'hush' } }], deep },
      'sent',
    );

    expect(lines[0]).toMatchObject({
      [name]: '[redacted]',
      headers: { [name]: '[redacted]' },
      list: [{ [name]: '[redacted]' }],
    });
    expect(JSON.stringify(lines)).not.toContain('hush');
  });

  it('has no secret in it that an error, a map or a `toJSON` brings', () => {
    const { log, lines } = capturedLog();
    const error = Object.assign(
      new Error('refused', { cause: { request: { headers: { authorization: 'hush' } } } }),
      {
        config: { api_key: 'hush' },
      },
    );
    const cause = Object.assign(new Error('inner'), { token: 'hush' });

    log.error({ err: error, failures: [cause], map: new Map([['password', 'hush']]) }, 'failed');
    log.info({ at: { toJSON: () => ({ secret: 'hush' }) } }, 'went on');

    expect(JSON.stringify(lines)).not.toContain('hush');
    expect(lines[0]).toMatchObject({
      err: { type: 'Error', message: 'refused', stack: expect.any(String) as string },
    });
    expect(lines[0]).toMatchObject({ failures: [{ message: 'inner', token: '[redacted]' }] });
  });

  it('keeps what is no secret: dates, names that only begin so, and what refers to itself', () => {
    const { log, lines } = capturedLog();
    const circle: Record<string, unknown> = { name: 'circle' };
    circle['itself'] = circle;

    log.info({ at: new Date(0), keyboard: 'de', monkey: 'banana', token_count: 2, circle }, 'kept');

    expect(lines[0]).toMatchObject({
      at: '1970-01-01T00:00:00.000Z',
      keyboard: 'de',
      monkey: 'banana',
      token_count: 2,
      circle: { name: 'circle', itself: '[circular]' },
    });
  });
});

describe('the log', () => {
  it.each(['stdout', 'stderr'] as const)('goes to %s as JSON when that is no terminal', (output) => {
    const streams = written(output);

    expect(JSON.parse(streams[output])).toMatchObject({ level: 'info', rules: 1, msg: 'started' });
    expect(streams[output === 'stdout' ? 'stderr' : 'stdout']).toBe('');
  });

  it('goes to the end of a file, each line at once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'log-'));
    const output = join(folder, 'service.log');
    createLogger({ level: 'info', output }).info('first start');
    createLogger({ level: 'info', output }).info('second start');

    const lines = (await readFile(output, 'utf8')).trimEnd().split('\n');

    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'first start',
      'second start',
    ]);
    await rm(folder, { recursive: true });
  });

  it('does not begin when its file cannot be opened', () => {
    expect(() => createLogger({ level: 'info', output: join(tmpdir(), 'absent', 'service.log') })).toThrow(
      'ENOENT',
    );
  });
});
